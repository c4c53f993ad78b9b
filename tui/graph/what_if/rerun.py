"""Running again what is open with one change, in a thread, and looking at what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from textual.message import Message

from engine.lessons import Lesson
from engine.recording.file.frames import RunFileError
from engine.recording.records import Recording
from engine.script.frames.source_file import SourceError
from engine.script.interventions import Change
from tui.graph.subjects.growth import Cancelled, Growth
from tui.graph.what_if.messages import Supposed, SupposedAdvanced, SupposedFailed
from tui.graph.what_if.supposition import Supposition
from tui.kit.paragraphs import Paragraph
from tui.script.beside import counterpart
from tui.script.player import Player
from tui.script.position import Position
from tui.script.subject import Script

if TYPE_CHECKING:
    from tui.graph.subjects.loader import Recorders

Judge = Callable[[Recording], Paragraph]
"""Says what came out of a recording; raises ValueError with one line where it is of no use."""
Control = Callable[[Recording], object]
"""Raises ValueError with one line where a recording without the change is not the same run."""


@dataclass
class Rerun:
    """A lesson or a script, what is supposed of it, and the original that it is compared with.

    With a `control` it runs once without the change before, to see that it does the same twice.
    """

    what: Lesson | Script
    supposition: Supposition
    original: Player
    judge: Judge
    post: Callable[[Message], object]
    control: Control | None = None
    _finding: Paragraph | None = field(default=None, init=False)

    def run(self, recorders: Recorders, cancelled: Cancelled) -> None:
        """Record it to its end; post it from where the original stands, and again as it grows."""
        try:
            if self.control is not None:
                self._check(self.control, recorders, cancelled)
            if cancelled():
                return
            growth = Growth[Recording](self._show)
            recording = self._record(recorders, growth, cancelled, self.supposition.change)
            if not cancelled() or self._position(recording) is not None:
                self._show(recording)
        except (SourceError, RunFileError, ValueError) as error:
            self.post(SupposedFailed(self.supposition, str(error)))

    def _record(
        self,
        recorders: Recorders,
        growth: Growth[Recording],
        cancelled: Cancelled,
        change: Change | None,
    ) -> Recording:
        if isinstance(self.what, Lesson):
            return recorders.lesson(self.what.path, cancelled=cancelled, change=change)
        script, asked = replace(self.what, change=change), growth.looked_at(cancelled)
        return recorders.script(script, cancelled=asked, grown=growth.take)

    def _check(self, control: Control, recorders: Recorders, cancelled: Cancelled) -> None:
        """Run it as it is, no further than to the original's position."""
        there: list[Recording] = []

        def grown(recording: Recording) -> None:
            if self._position(recording) is not None:
                there.append(recording)
            else:
                self._wait(recording)

        growth = Growth[Recording](grown)
        recording = self._record(recorders, growth, lambda: bool(there) or cancelled(), change=None)
        if not cancelled():
            control(recording)

    def _show(self, recording: Recording) -> None:
        position = self._position(recording)
        if position is None:
            self._wait(recording)
        else:
            self._finding = self._finding or self.judge(recording)
            self.post(Supposed(self.supposition, recording, position, self._finding))

    def _position(self, recording: Recording) -> Position | None:
        """Where the original stands; None until that is there, and the scalars before it."""
        original, number = self.original.recording, self.supposition.change.number
        assert original is not None
        if recording.passes.count < min(number, original.passes.count):
            return None
        return counterpart(original, self.original.position, recording)

    def _wait(self, recording: Recording) -> None:
        if recording.ending != "running":
            why = recording.error or recording.ending
            raise ValueError(f"run again, the script did not come to this line: {why}")
        self.post(SupposedAdvanced(self.supposition, recording.passes.count))
