"""What the thread posts that runs a script again with something changed."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from engine.recording.records import Recording
from tui.graph.what_if.supposition import Supposition
from tui.kit.paragraphs import Paragraph
from tui.script.position import Position


@dataclass
class SupposedMessage(Message):
    """Posted by the thread that runs again what is open."""

    supposition: Supposition


@dataclass
class SupposedAdvanced(SupposedMessage):
    """Posted while it has not come to the position, with how many passes have run."""

    passes: int

    def can_replace(self, message: Message) -> bool:
        """Replace an earlier count of the same run."""
        return isinstance(message, SupposedAdvanced) and message.supposition is self.supposition


@dataclass
class Supposed(SupposedMessage):
    """Posted when there is a recording, which may still grow."""

    recording: Recording
    position: Position
    """Where one was in the original."""
    finding: Paragraph
    """What came out, and whether it is the same run but for the change."""

    def can_replace(self, message: Message) -> bool:
        """Replace an earlier state of the same recording: a later one has all of it."""
        return isinstance(message, Supposed) and message.supposition is self.supposition


@dataclass
class SupposedFailed(SupposedMessage):
    """Posted when nothing came of it, with the reason in one line."""

    reason: str
