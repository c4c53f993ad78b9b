"""A script may train in threads: passes are recorded of one at a time, and only as its own."""

from __future__ import annotations

import pytest

from engine.recording.records import Recording
from tests.forks.forks import RecordText

TRAIN = """\
import threading
import torch
def train(rate, epochs):
    w = torch.ones(2, requires_grad=True)
    for epoch in range(epochs):
        loss = (w * rate).sum()
        loss.backward()
"""
JOINED = """
thread = threading.Thread(target=train, args=(3.0, 5))
thread.start()
thread.join()
"""
ONE_AFTER_ANOTHER = """
train(1.0, 2)
for rate in (2.0, 3.0):
    thread = threading.Thread(target=train, args=(rate, 3))
    thread.start()
    thread.join()
train(4.0, 1)
"""
LEFT = """
threading.Thread(target=train, args=(2.0, 4)).start()
"""
POOL = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(1)
print(list(pool.map(train, (1.0, 2.0), (3, 1))))
"""
LAMBDA = """
w = torch.ones(2, requires_grad=True)
thread = threading.Thread(target=lambda: (w * 3).sum().backward())
thread.start()
thread.join()
"""
UNSEEN = """
import _thread
done = _thread.allocate_lock()
done.acquire()
_thread.start_new_thread(lambda: (train(3.0, 5), done.release()), ())
done.acquire()
"""
TRACED = """
import sys
def in_thread():
    print(sys.gettrace(), threading.gettrace())
def run():
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
run()
seen = []
def function(frame, event, argument):
    if frame.f_code is in_thread.__code__:
        seen.append("function")
def in_thread():
    seen.append(threading.gettrace().__name__)
threading.settrace(function)
run()
print(seen)
"""
FAILS = """
def fail(rate):
    train(rate, 1)
    raise IndexError("index 9 is out of bounds")
for target, argument in ((int, "q"), (fail, 1.0), (exit, 3)):
    thread = threading.Thread(target=target, args=(argument,))
    thread.start()
    thread.join()
print("went on")
"""
GOES_ON = """
thread = threading.Thread(target=train, args=(2.0, 5))
thread.start()
thread.join()
bias = torch.ones(1)
def report():
    return bias + 1
report()
"""
BETWEEN_WINDOWS = """
for rate, epochs in ((1.0, 4), (1.0, 4)):
    train(rate, epochs)
thread = threading.Thread(target=train, args=(2.0, 2))
thread.start()
thread.join()
bias = torch.ones(1)
train(3.0, 1)
"""
GOES_ON_BESIDE_A_POOL = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(1)
for rate in (1.0, 2.0):
    pool.submit(train, rate, 1).result()
    bias = torch.ones(1)
"""
SHARED = """
shared = [torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)]
def train_shared():
    for i in range(100):
        loss = (shared[0] * 2 + shared[1] * 3).sum()
        loss.backward()
threads = [threading.Thread(target=train_shared) for _ in range(3)]
for thread in threads:
    thread.start()
train_shared()
for thread in threads:
    thread.join()
print("went on")
"""
COVERED = """
import sys
covered = set()
def cover(frame, event, argument):
    if frame.f_code is train.__code__:
        covered.add(frame.f_lineno)
    return cover
threading.settrace(cover)
thread = threading.Thread(target=train, args=(1.0, 1))
thread.start()
thread.join()
print(sorted(covered))
"""
TWO_AT_ONCE = """
import time
first, second = threading.Event(), threading.Event()
def in_between():
    train(1.0, 1)
    first.set()
    while not second.is_set():
        time.sleep(0.01)
thread = threading.Thread(target=in_between)
thread.start()
first.wait()
train(2.0, {epochs})
second.set()
thread.join()
"""

IN_A_NODE = """
class Split(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1
    @staticmethod
    def backward(ctx, gradient):
        thread = threading.Thread(target=train, args=(2.0, 1))
        thread.start()
        thread.join()
        return gradient
Split.apply(torch.ones(1, requires_grad=True)).backward()
"""


@pytest.fixture
def recorded(record_text: RecordText) -> RecordText:
    return lambda source: record_text(TRAIN + source)


def test_a_thread_that_is_waited_for_is_recorded_with_its_lines(recorded: RecordText) -> None:
    recording = recorded(JOINED)
    assert recording.notes == ()
    assert list(recording.passes.losses) == [6] * 5
    assert recording.passes.variables(4) == {"epoch": 4}
    assert recording.passes.leaves == ("w",)
    last = recording.passes.deep[-1]
    assert last.number == 4
    assert [m.line for m in recording.moments if m.number == 4][:3] == [5, 6, 7]
    made = {node.op: node for node in recording.backwards[-1].graph.nodes}
    assert made["MulBackward0"].expression == "w * rate"
    assert (made["SumBackward0"].line, made["SumBackward0"].name) == (6, "loss")


def made_by(recording: Recording, number: int) -> list[int | None]:
    """The line of the product of each pass in a row."""
    graph = recording.backwards[number].graph
    return [node.line for node in graph.nodes if node.op == "MulBackward0"]


@pytest.mark.parametrize("source", [JOINED, LEFT, POOL, ONE_AFTER_ANOTHER])
def test_the_first_pass_of_a_thread_names_the_lines_that_made_its_nodes(
    recorded: RecordText, source: str
) -> None:
    recording = recorded(source)
    assert [made_by(recording, number) for number in range(3)] == [[6]] * 3


def test_what_a_thread_runs_in_a_lambda_is_made_by_its_line(recorded: RecordText) -> None:
    assert made_by(recorded(LAMBDA), 0) == [10]


def test_of_what_ran_where_nobody_saw_no_line_is_named(recorded: RecordText) -> None:
    recording = recorded(UNSEEN)
    assert list(recording.passes.losses) == [6] * 5
    assert made_by(recording, 0) == [None]


def test_a_thread_is_traced_by_whom_the_script_says(recorded: RecordText) -> None:
    assert recorded(TRACED).output == "None None\n['function', 'function']\n"


def test_an_error_that_a_thread_does_not_catch_is_said_and_the_script_goes_on(
    recorded: RecordText,
) -> None:
    recording = recorded(FAILS)
    assert (recording.ending, recording.error) == ("end", None)
    assert recording.output.endswith("IndexError: index 9 is out of bounds\nwent on\n")
    (finding,) = recording.findings
    assert (finding.kind, finding.line, finding.number) == ("thread", 11, 0)
    assert finding.what == "A thread was ended by IndexError: index 9 is out of bounds."
    assert recording.notes == (
        "a thread of the script was ended by ValueError: "
        "invalid literal for int() with base 10: 'q'",
    )


def test_lines_of_the_main_thread_are_shown_again_after_a_thread(recorded: RecordText) -> None:
    recording = recorded(GOES_ON)
    assert recording.notes == ()
    assert [m.line for m in recording.moments if m.number == 5] == [5, 12, 13, 14, 15]


def test_so_they_are_where_a_thread_has_begun_between_windows(recorded: RecordText) -> None:
    recording = recorded(BETWEEN_WINDOWS)
    assert list(recording.passes.losses) == [2] * 8 + [4] * 2 + [6]
    lines = [m.line for m in recording.moments if m.number == 10]
    assert lines == [5, 14, 4, 5, 6, 7]


def test_a_pool_that_is_given_work_again_is_followed_again(recorded: RecordText) -> None:
    recording = recorded(GOES_ON_BESIDE_A_POOL)
    assert recording.notes == ()
    assert list(recording.passes.losses) == [2, 4]
    assert [m.line for m in recording.moments if m.number == 1][-4:] == [5, 13, 11, 7]


def test_threads_may_share_leaves_while_passes_are_looked_at(recorded: RecordText) -> None:
    recording = recorded(SHARED)
    assert (recording.ending, recording.output) == ("end", "went on\n")
    assert {*recording.passes.losses} == {15}
    assert {*recording.passes.leaves} == {"shared[0]", "shared[1]"}


def test_a_thread_that_the_script_traces_itself_is_left_to_it(recorded: RecordText) -> None:
    recording = recorded(COVERED)
    assert recording.output == "[3, 4, 5, 6, 7]\n"
    assert recording.notes == ("the script has a trace function of its own: lines are missing",)


@pytest.mark.parametrize(
    ("source", "losses"),
    [
        (ONE_AFTER_ANOTHER, [2, 2, 4, 4, 4, 6, 6, 6, 8]),
        (LEFT, [4, 4, 4, 4]),
        (POOL, [2, 2, 2, 4]),
    ],
)
def test_passes_of_threads_in_turn_are_counted_together(
    recorded: RecordText, source: str, losses: list[float]
) -> None:
    recording = recorded(source)
    assert list(recording.passes.losses) == losses
    assert recording.notes == ()
    assert recording.ending == "end"


def test_of_threads_at_the_same_time_one_is_recorded_and_it_is_said(
    recorded: RecordText,
) -> None:
    recording = recorded(TWO_AT_ONCE.format(epochs=3))
    assert list(recording.passes.losses) == [2]
    assert len(recording.backwards) == 1
    assert recording.notes == (
        "several threads run passes at the same time: those of one at a time are recorded",
    )


def test_a_pass_of_a_thread_that_a_node_waits_for_is_inside_of_it(recorded: RecordText) -> None:
    recording = recorded(IN_A_NODE)
    assert list(recording.passes.losses) == [1]
    inner, outer = recording.backwards
    assert [backward.graph.nodes[0].op for backward in (inner, outer)] == [
        "SumBackward0",
        "SplitBackward",
    ]
    assert recording.notes == ()


def test_a_thread_that_runs_no_more_passes_is_followed_no_more(recorded: RecordText) -> None:
    recording = recorded(TWO_AT_ONCE.format(epochs=104))
    assert list(recording.passes.losses) == [2, *[4] * 4]
