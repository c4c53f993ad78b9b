"""What concerns the whole app: its size, its tabs, and that torch is there."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Size
from textual.message import Message


@dataclass
class TabChosen(Message):
    """The user has chosen a tab, to be brought to the front."""

    tab: str


@dataclass
class SizeChanged(Message):
    """The terminal has another size, and everything in it too."""

    size: Size


@dataclass
class EngineLoaded(Message):
    """The engine, and torch with it, has been imported."""

    facts: str
    """One line: version, device, threads."""
