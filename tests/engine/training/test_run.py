from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache
from itertools import count, islice
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import ProblemError, Synthetic
from engine.training.advance import advance, back_to, begin, goto
from engine.training.breakpoints import parse
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.history import LIMIT
from engine.training.problem import Problem, Step
from engine.training.run import Run
from tests.engine.training.problems import of_any_method
from tests.examples import examples

REFERENCE = Problem()
SHORT = replace(REFERENCE, target=30)


@lru_cache(maxsize=8)
def straight(problem: Problem, iterations: int) -> tuple[Step, ...]:
    return tuple(islice(steps(problem, start(problem)), iterations))


@lru_cache(maxsize=8)
def trained(problem: Problem, iterations: int) -> Run:
    """A run from the start, made once for all tests that only look at it."""
    return end(begin(problem), iterations)


def end(run: Run, until: int | None = None, *codes: str) -> Run:
    """The last frame."""
    *_, last = advance(run, until, breakpoints=map(parse, codes))
    return last


def test_a_run_begins_before_its_first_iteration() -> None:
    run = begin(REFERENCE)
    assert run.state == start(REFERENCE)
    assert run.stop is None
    with pytest.raises(ProblemError, match="steps must be from 1"):
        begin(replace(REFERENCE, target=0))


def test_a_run_that_reaches_its_target_while_it_diverges_has_diverged() -> None:
    run = end(begin(replace(REFERENCE, target=20, learning_rate=0.9)))
    assert run.state.iteration == 20
    assert run.stop is not None
    assert run.stop.reason == "diverged"
    assert run.stop.text.startswith("diverging at iteration 19: learning rate 0.9 is above")


def test_the_reference_run_reaches_its_target() -> None:
    run = end(begin(REFERENCE))
    assert run.state.w == (2.997687816619873,)
    assert run.state.b == 0.8011171817779541
    assert run.history.last is not None
    assert run.history.last.loss == 4.25734953068968e-07
    assert run.stop is not None
    assert (run.stop.reason, run.stop.text) == ("target", "5,000 iterations done")
    assert run.rate is not None
    assert run.rate > 0


def test_frames_are_the_whole_run_so_far() -> None:
    """A clock that ticks once a look, so that a frame is due every few iterations."""
    frames = list(advance(begin(SHORT), frame_seconds=4.0, clock=count().__next__))
    expected = straight(SHORT, 30)
    assert len(frames) > 4
    for frame in frames:
        assert tuple(frame.history.steps) == expected[: frame.state.iteration]
    done = [frame.state.iteration for frame in frames]
    assert done == sorted(set(done))
    assert [frame.stop for frame in frames[:-1]] == [None] * (len(frames) - 1)
    assert done[-1] == 30


def test_single_steps_make_the_same_run() -> None:
    run = begin(SHORT)
    for iteration in range(1, 30):
        run = end(run, iteration)
        assert run.stop is None
    assert tuple(end(run).history.steps) == straight(SHORT, 30)


def test_a_run_goes_on_past_its_target_when_asked_to() -> None:
    run = end(end(begin(SHORT)), 40)
    assert run.state == straight(SHORT, 40)[-1].state
    assert run.stop is not None
    assert run.stop.reason == "target"


def test_there_is_always_a_frame() -> None:
    done = end(begin(SHORT))
    (frame,) = advance(done)
    assert frame.state == done.state
    assert frame.rate == done.rate
    assert frame.stop == done.stop


def test_a_breakpoint_stops_a_run_which_can_go_on_from_there() -> None:
    run = end(begin(REFERENCE), None, "i=200", "loss<0.1", "gain<0.01")
    stops = []
    while run.stop and run.stop.reason == "breakpoint":
        stops.append(run.stop.text)
        run = end(run, None, "i=200", "loss<0.1", "gain<0.01")
    assert len(stops) == 3
    assert "breakpoint at iteration 200" in stops
    expected = next(step for step in straight(REFERENCE, 500) if step.loss < 0.1)
    assert f"breakpoint at iteration {expected.iteration}: loss below 0.1" in stops
    assert run.state.w == (2.997687816619873,)


def test_cancelling_pauses_before_the_next_iteration() -> None:
    asked = iter([False, False, False, True])
    (frame,) = advance(begin(SHORT), frame_seconds=1e9, cancelled=lambda: next(asked))
    assert frame.state.iteration == 3
    assert frame.stop is not None
    assert (frame.stop.reason, frame.stop.text) == ("paused", "paused after 3 iterations")
    assert tuple(end(frame).history.steps) == straight(SHORT, 30)


def test_a_paced_run_shows_each_iteration_and_is_cancelled_while_it_waits() -> None:
    cancel = Event()
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 5:
            cancel.set()

    frames = list(
        advance(begin(SHORT), pace=1.0, cancelled=cancel.is_set, clock=lambda: 0.0, wait=wait)
    )
    assert [frame.state.iteration for frame in frames] == [1, 2, 3, 4, 5, 5]
    assert frames[-1].stop is not None
    assert frames[-1].stop.reason == "paused"


@pytest.mark.parametrize("rate", [1.0, 1e9])
def test_divergence_keeps_the_last_finite_state_and_names_the_limit(rate: float) -> None:
    problem = replace(REFERENCE, learning_rate=rate)
    run = end(begin(problem))
    whole = straight(problem, 2000)
    first = next(step.iteration for step in whole if not step.finite)
    assert run.stop is not None
    assert run.stop.reason == "diverged"
    assert run.stop.text == (
        f"diverged at iteration {first}: learning rate {rate:g} is above the largest stable, 0.8208"
    )
    assert run.history.last == whole[first - 1]
    assert end(run).stop == run.stop, "going on meets the same number again"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem(Synthetic(true_w=(1e308,))),
            "stopped at iteration 0: the data are not finite or too large",
        ),
        (Problem(start_b=1e30), "stopped at iteration 0: loss inf in float32"),
        (
            Problem(zeroing=False, learning_rate=2.0),
            "is above the largest stable, 1.641, since gradients are never zeroed",
        ),
        (
            Problem(momentum=0.5, learning_rate=1.3),
            "learning rate 1.3 is above the largest stable, 1.231",
        ),
    ],
)
def test_what_is_not_finite_is_explained(problem: Problem, text: str) -> None:
    stop = end(begin(problem)).stop
    assert stop is not None
    assert stop.reason == "diverged"
    assert stop.text.endswith(text)


@examples(30)
@given(of_any_method(), st.integers(0, 2**32))
def test_going_anywhere_in_any_order_equals_a_straight_run(problem: Problem, seed: int) -> None:
    problem = replace(problem, learning_rate=problem.learning_rate / 20)
    whole = straight(problem, 120)
    run = end(begin(problem), 120)
    chance = random.Random(seed)
    for _ in range(12):
        wanted = chance.randint(0, 120)
        forward = wanted > run.state.iteration
        run = end(run, wanted) if forward else back_to(run, wanted)
        assert tuple(run.history.steps) == whole[:wanted]
        assert run.state == (whole[wanted - 1].state if wanted else start(problem))


@pytest.mark.parametrize(
    "problem",
    [REFERENCE, replace(REFERENCE, zeroing=False), replace(REFERENCE, momentum=0.9)],
    ids=["plain", "accumulating", "momentum"],
)
def test_going_back_is_exact_where_the_history_is_thinned(problem: Problem) -> None:
    count = 2 * LIMIT + 1500
    whole = straight(problem, count)
    run = trained(problem, count)
    assert run.history.stride > 1
    chance = random.Random(0)
    for wanted in (count - 1, *(chance.randint(0, count) for _ in range(10))):
        forward = wanted > run.state.iteration
        run = end(run, wanted) if forward else back_to(run, wanted)
        assert run.state.iteration == wanted
        assert run.history.last == whole[wanted - 1]
        assert all(step == whole[step.iteration] for step in run.history.steps)


def test_going_back_forgets_why_it_stopped() -> None:
    assert back_to(end(begin(SHORT)), 12).stop is None


@pytest.mark.parametrize("wanted", [-1, 31])
def test_a_run_goes_back_only_to_where_it_was(wanted: int) -> None:
    with pytest.raises(ValueError, match=f"can go back to 0 … 30, not {wanted}"):
        back_to(end(begin(SHORT)), wanted)


def test_cancelled_on_the_way_back_a_run_stays_where_it_is() -> None:
    run = trained(REFERENCE, 2 * LIMIT + 1500)
    asked = iter([False, True])
    stayed = back_to(run, 2 * LIMIT + 1003, cancelled=lambda: next(asked))
    assert stayed.history is run.history
    assert stayed.stop is not None
    assert (stayed.stop.reason, stayed.stop.text) == ("paused", "stayed at 5,596 iterations")


def test_going_anywhere_shows_frames_on_the_way() -> None:
    """A clock that ticks once a look, so that a frame is due every iteration."""
    count_ = 2 * LIMIT + 1500
    whole = straight(REFERENCE, count_)
    run = trained(REFERENCE, count_)
    for wanted in (count_ - 1, 1003, count_):
        frames = list(goto(run, wanted, frame_seconds=1.0, clock=count().__next__))
        assert len(frames) > 1 or wanted == count_
        done = [frame.state.iteration for frame in frames]
        assert done == sorted(set(done))
        assert done[-1] == wanted
        for frame in frames[:-1]:
            assert frame.stop is None
            assert frame.history.last == whole[frame.state.iteration - 1]


def test_going_where_it_stands_is_one_frame() -> None:
    run = end(begin(SHORT), 12)
    (frame,) = goto(run, 12)
    assert frame.history.steps == run.history.steps


def test_going_on_is_cancelled_where_it_is() -> None:
    asked = iter([False, False, True])
    *_, frame = goto(begin(SHORT), 20, cancelled=lambda: next(asked))
    assert frame.state.iteration == 2
    with pytest.raises(ValueError, match="can go back to 0"):
        goto(frame, -1)
