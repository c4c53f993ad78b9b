"""How the app is to look and behave: what flags, environment and configuration file decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from textual.dom import DOMNode

from tui.graph.layout.box_glyphs import ASCII, UNICODE, Glyphs
from tui.kit.frame_rate import LOCAL, REMOTE, Budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.chart.figures.glyphs import Level
    from tui.config.terminal import Colours

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
    def graph_glyphs(self) -> Glyphs:
        """What graphs are drawn with."""
        return ASCII if self.glyphs == "ascii" else UNICODE

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
