from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from engine.recording.records import Recording
from engine.script.process.child import Popen
from engine.script.process.script_process import ScriptProcess
from engine.script.process.subprocess_recorder import BegunScript
from engine.script.recorder import record_source
from tests.forks.forks import Forks
from tui.graph.subjects.growth import Cancelled, Grown, ScriptRecorder
from tui.graph.subjects.started_ahead import StartedAhead
from tui.script.subject import Script

RECORDING = record_source("x = 1\n", "script")


class Waiting(ScriptProcess):
    """A process of which only is kept what has become of it."""

    def __init__(self) -> None:
        self.prepared = self.closed = False

    def prepare(self) -> None:
        self.prepared = True

    def close(self) -> None:
        self.closed = True

    def let_go(self) -> None:
        self.closed = True


class Bench:
    """What the recorder was given, and which processes have been started."""

    def __init__(
        self,
        script: Script | None = None,
        begun: BegunScript | None = None,
        timer: Callable[[float, Callable[[], None]], threading.Timer] = threading.Timer,
    ) -> None:
        self.given: list[ScriptProcess | None] = []
        self.processes: list[Waiting] = []
        self.ahead = StartedAhead(script, begun, self.recorder, self.new_process, timer=timer)

    def new_process(self) -> Waiting:
        self.processes.append(Waiting())
        return self.processes[-1]

    def recorder(self, process: ScriptProcess | None) -> ScriptRecorder:
        def record(script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
            self.given.append(process)
            return RECORDING

        return record

    def record(self, script: Script) -> Recording:
        return self.ahead(script, cancelled=lambda: False, grown=lambda _: None)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_script_that_has_begun_is_followed_once(tmp_path: Path, forks: Forks) -> None:
    path = tmp_path / "own.py"
    path.write_text("x = 1\n")
    script = Script(path)
    process = ScriptProcess(cast(Popen, forks.popen))
    bench = Bench(script, BegunScript(script.call, script.plan, process=process))
    first = bench.record(script)
    assert (first.source, first.ending) == ("x = 1\n", "end")
    assert bench.given == []
    assert bench.record(script) is RECORDING


def test_after_each_script_a_process_waits_for_the_next() -> None:
    bench, script = Bench(), Script(Path("own.py"))
    bench.record(script)
    bench.record(script)
    bench.record(script)
    assert bench.given == [None, *bench.processes[:2]]
    assert [one.prepared for one in bench.processes] == [True] * 3


def test_one_that_waits_already_is_enough() -> None:
    bench = Bench()
    bench.ahead.get_ready()
    bench.ahead.get_ready()
    assert len(bench.processes) == 1


def test_in_the_end_none_waits() -> None:
    bench = Bench()
    bench.ahead.get_ready()
    bench.ahead.close()
    bench.ahead.get_ready()
    assert [one.closed for one in bench.processes] == [True]


def test_nor_does_one_for_hours() -> None:
    processes: list[Waiting] = []

    def new() -> Waiting:
        processes.append(Waiting())
        return processes[-1]

    ahead = StartedAhead(process=new, idle=0.01)
    ahead.get_ready()
    until(lambda: processes[0].closed)
    ahead.get_ready()
    assert len(processes) == 2
    ahead.close()


def test_a_time_that_is_over_too_late_ends_no_other() -> None:
    over: list[Callable[[], None]] = []

    def timer(seconds: float, call: Callable[[], None]) -> threading.Timer:
        over.append(call)
        return threading.Timer(seconds, call)

    bench = Bench(timer=timer)
    bench.ahead.get_ready()
    bench.record(Script(Path("own.py")))
    over[0]()
    assert [one.closed for one in bench.processes] == [False, False]
    over[1]()
    assert [one.closed for one in bench.processes] == [False, True]


def test_what_cannot_be_started_is_done_without() -> None:
    def none() -> ScriptProcess:
        raise OSError("too many open files")

    StartedAhead(process=none).get_ready()
