from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.message import Message

from engine.recording.records import Recording
from engine.script.interventions import Change
from engine.script.recorder import record_source
from tui.graph.messages import ScriptBegun, ScriptGrown, ScriptRecorded, ScriptRefused
from tui.graph.subjects.growth import Cancelled, Grown
from tui.graph.subjects.loader import Loader, Recorders, Work
from tui.script.position import Position
from tui.script.subject import Script

RECORDING = record_source("x = 1\n", "script")


class Bench:
    """A loader with what it posts, the work it starts, and what its recorder is given."""

    def __init__(self) -> None:
        self.posted: list[Message] = []
        self.works: list[Work] = []
        self.asked: list[tuple[Path, Sequence[str]]] = []
        self.cancelled: Cancelled = lambda: False
        recorders = Recorders(lesson=self._record_lesson, script=self.record_script)
        self.loader = Loader(self.posted.append, self.works.append, recorders)

    def run(self) -> None:
        self.works.pop(0)(lambda: False)

    def _record_lesson(
        self, path: Path, /, *, cancelled: Cancelled, change: Change | None = None
    ) -> Recording:
        self.asked.append((path, ()))
        self.cancelled = cancelled
        return RECORDING

    def record_script(self, script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        grown(RECORDING)
        self.asked.append((script.path, script.arguments))
        self.cancelled = cancelled
        return RECORDING


def test_a_lesson_is_recorded_in_this_process_once_torch_is_there() -> None:
    bench = Bench()
    assert bench.loader.needs_torch("backward")
    bench.loader.record("backward")
    assert bench.posted == [], "nothing happens until the thread runs"
    bench.run()
    assert bench.asked[0][0].name == "backward.py"
    assert bench.posted == [ScriptRecorded("backward", RECORDING)]
    assert bench.loader.first_position("backward", RECORDING) == Position()


def test_a_file_is_announced_with_its_source_before_it_is_recorded(tmp_path: Path) -> None:
    bench, path = Bench(), tmp_path / "own.py"
    path.write_text("x = 1\n")
    script = Script(path, ("5",))
    bench.loader.add(script)
    assert not bench.loader.needs_torch(script.key)
    assert bench.loader.title(script.key) == "own.py"
    bench.loader.record(script.key)
    bench.run()
    assert bench.asked == [(path, ("5",))]
    begun, grown, recorded = bench.posted
    assert grown == ScriptGrown(script.key, RECORDING)
    assert begun == ScriptBegun(script.key, "x = 1\n")
    assert recorded == ScriptRecorded(script.key, RECORDING)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    bench, script = Bench(), Script(tmp_path / "gone.py")
    bench.loader.add(script)
    bench.loader.record(script.key)
    bench.run()
    (refused,) = bench.posted
    assert isinstance(refused, ScriptRefused)
    assert "does not exist" in refused.reason


def test_what_is_recorded_next_cancels_what_was_before() -> None:
    bench = Bench()
    bench.loader.record("backward")
    bench.run()
    first = bench.cancelled
    assert not first()
    bench.loader.record("backward")
    assert first()
    bench.run()
    assert not bench.cancelled()
    bench.loader.cancel()
    assert bench.cancelled()


def test_what_was_recorded_before_posts_nothing_any_more() -> None:
    bench = Bench()
    bench.loader.record("backward")
    bench.loader.record("backward")
    bench.run()
    assert bench.posted == []
    bench.run()
    assert bench.posted == [ScriptRecorded("backward", RECORDING)]


def test_what_was_dropped_posts_nothing_any_more() -> None:
    bench = Bench()
    bench.loader.record("backward")
    bench.loader.drop()
    bench.run()
    assert bench.posted == []
