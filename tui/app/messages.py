"""What concerns the whole app: its size, its tabs, and that torch is there."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Size
from textual.message import Message


@dataclass
class TabChosen(Message):
    """Another tab is wanted."""

    tab: str


@dataclass
class SizeChanged(Message):
    """The terminal has another size, and everything in it too."""

    size: Size


@dataclass
class EngineLoaded(Message):
    """Torch is there."""

    facts: str
    """One line: version, device, threads."""
