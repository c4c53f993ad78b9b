from __future__ import annotations

from engine.script.recorder import record_source
from tests.tui.script.long_run import LINES, long_run, read
from tui.script import windows
from tui.script.windows import PassWindow

LOOP = """\
import torch
w = torch.ones(1, requires_grad=True)
for i in range(3):
    (w * 2).sum().backward()
print("done")
"""


def test_the_passes_of_a_recording_in_memory_are_read_off_its_lines() -> None:
    recording = record_source(LOOP, "loop")
    numbers = [one.number for one in windows.deep_passes(recording)]
    assert numbers == [0, 1, 2]
    assert windows.total(recording) == 3
    assert not windows.thinned(recording)
    assert windows.reach(recording, len(recording.moments)) == 0


def test_a_window_is_found_by_its_line_and_by_its_number() -> None:
    run = long_run(after=1)
    assert windows.window_at(run, 0) == PassWindow(0, 0, LINES)
    assert windows.window_at(run, 3 * LINES) == PassWindow(4, 3 * LINES, 4 * LINES)
    assert windows.window_at(run, 6 * LINES) == PassWindow(20, 6 * LINES, 6 * LINES + 1)
    assert windows.window_of(run, 8) == PassWindow(8, 4 * LINES, 5 * LINES)
    assert windows.window_of(run, 7) is None
    assert windows.total(run) == 20


def test_the_nearest_window_is_at_a_number_or_beside_it() -> None:
    run = long_run()
    found = [windows.nearest(run, number) for number in (4, 5, 7, 19, 99)]
    assert [one and one.number for one in found] == [4, 4, 8, 16, 16]
    before = windows.at_or_before(run, 15)
    assert before is not None
    assert before.number == 8
    assert windows.beside(run, 16, 1) is None
    assert windows.beside(run, 0, -1) is None
    following, previous = windows.beside(run, 2, 1), windows.beside(run, 2, -1)
    assert (following and following.number, previous and previous.number) == (4, 1)


def test_what_came_before_reaches_back_to_the_passes_without_lines() -> None:
    run = long_run()
    assert windows.reach(run, 3 * LINES) == 0, "passes 0, 1 and 2 follow one another"
    assert windows.reach(run, 3 * LINES + 1) == 3 * LINES
    assert windows.reach(run, 3 * LINES, limit=2) == 3 * LINES - 2


def test_passes_without_lines_just_ahead_are_known() -> None:
    run = long_run()
    assert windows.skipped(run, 3 * LINES) == (3, 3)
    assert windows.skipped(run, 3 * LINES - 1) is None
    assert windows.skipped(run, 2 * LINES) is None
    assert windows.skipped(run, 6 * LINES) == (17, 19)


def test_loop_variables_are_those_of_the_line_or_of_the_pass() -> None:
    run = long_run()
    assert windows.variables_at(run, 3 * LINES + 1) == {"i": "4"}
    assert windows.variables_at(run, 0) == {}


def test_finding_windows_reads_next_to_nothing() -> None:
    run = long_run(range(0, 40_000, 2), 40_000)
    for number in (0, 19_998, 39_998):
        window = windows.window_of(run, number)
        assert window is not None
        assert windows.backward_in(run, window) == window.first + 2
        assert windows.window_here(run, window.end) == window
        windows.reach(run, window.end)
    assert read(run) < 50
