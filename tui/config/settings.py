"""How the app is to look and behave: what flags, environment and configuration file decide."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast, runtime_checkable

from textual.dom import DOMNode

from tui.config.config_file import Config, decide
from tui.config.terminal import Colours, colour_level, glyph_level, is_light, is_ssh
from tui.kit.frame_rate import LOCAL, REMOTE, Budget
from tui.kit.glyph_level import Level

ThemeName = Literal["dark", "light"]
Profile = Literal["local", "ssh"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Decided: nothing here says "automatic" any more."""

    theme: ThemeName = "dark"
    glyphs: Level = "braille"
    colours: Colours = "true"
    profile: Profile = "local"
    """`ssh`: nothing is animated, and frames keep to what a line carries."""
    mouse: bool = True
    pace: float | None = 50.0
    """Iterations a second when playing; None is flat out."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys, separated by commas, by the name of what they do."""

    @property
    def budget(self) -> Budget:
        """What a live drawing may use."""
        return REMOTE if self.profile == "ssh" else LOCAL


@runtime_checkable
class _Decided(Protocol):
    settings: Settings


def settings_of(node: DOMNode) -> Settings:
    """Those of the app that a widget is in; the defaults in any other app."""
    return node.app.settings if isinstance(node.app, _Decided) else Settings()


def settings_here(config: Config, flags: Mapping[str, str]) -> Settings:
    """For this process, as the flags, its environment and the file say; raises UsageError."""
    encoding = sys.__stderr__.encoding if sys.__stderr__ else "ascii"
    return choose(decide(config, os.environ, flags), config.keymap, os.environ, encoding)


def choose(
    decided: Mapping[str, str], keymap: Mapping[str, str], environ: Mapping[str, str], encoding: str
) -> Settings:
    """Settings for this terminal; `decided` has every key of `config_file.SETTINGS`."""
    auto: dict[str, str] = {
        "theme": "light" if is_light(environ) else "dark",
        "glyphs": glyph_level(environ, encoding),
        "profile": "ssh" if is_ssh(environ) else "local",
    }
    chosen = {key: auto[key] if value == "auto" else value for key, value in decided.items()}
    return Settings(
        theme=cast("ThemeName", chosen["theme"]),
        glyphs=cast("Level", chosen["glyphs"]),
        colours=colour_level(environ),
        profile=cast("Profile", chosen["profile"]),
        mouse=chosen["mouse"] == "on",
        pace=None if chosen["pace"] == "full" else float(chosen["pace"]),
        keymap=keymap,
    )
