from __future__ import annotations

from engine.training.pacer import Pacer


class Time:
    """A clock that only waiting and working move."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def test_flat_out_never_waits_and_shows_a_frame_when_it_is_time() -> None:
    time = Time()
    pacer = Pacer(0.5, None, time, time.wait)
    frames = []
    for _ in range(16):
        pacer.wait()
        time.now += 0.125
        frames.append(pacer.frame_due())
    assert time.waits == []
    assert frames == [False, False, False, True] * 4
    assert pacer.rate(16) == 8.0


def test_a_slow_pace_waits_before_every_iteration_but_the_first_and_shows_each() -> None:
    time = Time()
    pacer = Pacer(0.05, 2.0, time, time.wait)
    frames = []
    for _ in range(4):
        pacer.wait()
        frames.append(pacer.frame_due())
    assert time.waits == [0.5, 0.5, 0.5]
    assert frames == [True] * 4


def test_a_pace_quicker_than_frames_shows_frames_at_their_own_pace() -> None:
    time = Time()
    pacer = Pacer(0.25, 16.0, time, time.wait)
    frames = 0
    for _ in range(160):
        pacer.wait()
        frames += pacer.frame_due()
    assert 36 <= frames <= 54
    assert time.now - 100 == 159 / 16


def test_time_that_was_lost_is_not_made_up_for() -> None:
    time = Time()
    pacer = Pacer(0.05, 4.0, time, time.wait)
    pacer.wait()
    time.now += 10.0
    pacer.wait()
    pacer.wait()
    assert time.waits == [0.25]


def test_there_is_no_rate_before_any_time_has_passed() -> None:
    time = Time()
    assert Pacer(0.05, None, time, time.wait).rate(3) is None
