"""Training that goes flat out waits while a key is answered, and goes on while one is held down."""

from __future__ import annotations

from threading import Event

from engine.training.advance import begin
from engine.training.problem import Problem
from tui.run import trainer_tasks
from tui.run.iteration import Spot
from tui.run.right_of_way import ANSWER, LOOK, REST, RightOfWay


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def right_of_way() -> tuple[RightOfWay, Clock]:
    clock = Clock()
    return RightOfWay(lambda: clock.now, clock.sleep), clock


def test_after_a_key_the_next_iteration_waits_until_it_should_be_answered() -> None:
    way, clock = right_of_way()
    ask = way.around(lambda: False)
    assert not ask()
    assert not clock.slept
    way.take()
    assert not ask()
    assert ANSWER <= clock.slept < ANSWER + 2 * LOOK
    assert not ask()
    assert clock.slept < ANSWER + 2 * LOOK


def test_whoever_stops_the_training_does_not_wait() -> None:
    way, clock = right_of_way()
    way.take()
    assert way.around(lambda: True)()
    assert not clock.slept


def test_a_key_that_is_held_down_leaves_half_of_the_time() -> None:
    way, clock = right_of_way()
    ask = way.around(lambda: False)
    steps = 0
    while clock.now < 10:
        way.take()
        ask()
        clock.now += 0.001
        steps += 1
    share = REST / (ANSWER + REST)
    assert 0.9 * share < steps * 0.001 / 10 < 1.2 * share


def test_training_flat_out_gives_way_and_playing_at_a_pace_need_not() -> None:
    here = Spot(begin(Problem(target=3)), None)
    for pace, waits in ((None, True), (1e6, False)):
        way, clock = right_of_way()
        way.take()
        *_, last = trainer_tasks.train((), 0.0, pace, way=way)(here, Event())
        assert last.run.state.iteration == 3
        assert bool(clock.slept) is waits
