from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.training.history import LIMIT, OCTAVE, History, Recorder
from engine.training.problem import State, Step
from tests.examples import examples

START = State(0, (0.0,), 0.0)


def step(iteration: int) -> Step:
    return Step(iteration, 1.0, (float(iteration),), 0.0, (0.0,), 0.0)


def grown(history: History, first: int, end: int) -> History:
    recorder = Recorder(history)
    for iteration in range(first, end):
        recorder.add(step(iteration))
    return recorder.snapshot()


def test_nothing_yet() -> None:
    history = Recorder(History(START)).snapshot()
    assert history.last is None
    assert history.state == START
    assert history.keyframe(0) == START


@examples(20)
@given(st.integers(1, 40_000))
def test_thinning_keeps_the_bound_both_ends_even_spacing_and_more_at_first(count: int) -> None:
    history = grown(History(START), 0, count)
    iterations = [kept.iteration for kept in history.steps]
    assert len(iterations) <= LIMIT + 1
    assert iterations[0] == 0
    assert iterations[-1] == count - 1
    even = [i for i in iterations if i % history.stride == 0]
    assert even == list(range(0, count, history.stride))
    assert len(history.even_losses) == len(even)
    assert set(iterations) - set(even) <= {*range(OCTAVE * history.stride), count - 1}
    assert all(after - before <= max(after // OCTAVE, 1) for before, after in pairwise(iterations))
    assert count <= 2 * LIMIT * history.stride
    assert history.stride == 1 or count > LIMIT * history.stride // 3


@examples(20)
@given(st.lists(st.integers(1, 5000), max_size=6))
def test_a_history_grown_in_parts_is_the_one_grown_at_once(parts: list[int]) -> None:
    history, done = History(START), 0
    for part in parts:
        history = grown(history, done, done + part)
        done += part
    whole = grown(History(START), 0, done)
    assert (history.steps, history.stride) == (whole.steps, whole.stride)


@given(st.integers(1, 10_000), st.data())
def test_a_keyframe_is_the_nearest_before(count: int, data: st.DataObject) -> None:
    history = grown(History(START), 0, count)
    wanted = data.draw(st.integers(0, count))
    state = history.keyframe(wanted)
    assert 0 <= wanted - state.iteration <= history.stride
    assert state == (START if state.iteration == 0 else step(state.iteration - 1).state)
    assert history.until(wanted).state == state


def test_a_snapshot_does_not_change_while_recording_goes_on() -> None:
    recorder = Recorder(History(START))
    recorder.add(step(0))
    early = recorder.snapshot()
    recorder.add(step(1))
    assert tuple(early.steps) == (step(0),)
    assert recorder.snapshot().last == step(1)
