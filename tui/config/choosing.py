"""From what was said, which may be "auto", to what the app does."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

from tui.config.config_file import Config, decide
from tui.config.settings import Profile, Settings, ThemeName
from tui.config.terminal import colour_level, glyph_level, is_light, is_ssh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.chart.figures.glyphs import Level


def settings_here(config: Config, flags: Mapping[str, str]) -> Settings:
    """For this process, as the flags, its environment and the file say; raises UsageError."""
    encoding = sys.__stderr__.encoding if sys.__stderr__ else "ascii"
    return choose(decide(config, os.environ, flags), config.keymap, os.environ, encoding)


def choose(
    said: Mapping[str, str], keymap: Mapping[str, str], environ: Mapping[str, str], encoding: str
) -> Settings:
    """Settings for this terminal; `said` has every key of `tui.config.config_file.SETTINGS`."""
    auto: dict[str, str] = {
        "theme": "light" if is_light(environ) else "dark",
        "glyphs": glyph_level(environ, encoding),
        "profile": "ssh" if is_ssh(environ) else "local",
    }
    chosen = {key: auto[key] if value == "auto" else value for key, value in said.items()}
    return Settings(
        theme=cast("ThemeName", chosen["theme"]),
        glyphs=cast("Level", chosen["glyphs"]),
        colours=colour_level(environ),
        profile=cast("Profile", chosen["profile"]),
        mouse=chosen["mouse"] == "on",
        pace=None if chosen["pace"] == "full" else float(chosen["pace"]),
        keymap=keymap,
    )
