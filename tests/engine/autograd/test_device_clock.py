"""The clock of a GPU, with events that a test makes: none is needed here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from engine.autograd.device_clock import DeviceClock


@dataclass
class Event:
    at: float
    """Milliseconds."""
    waited_for: bool = False

    def synchronize(self) -> None:
        self.waited_for = True

    def elapsed_time(self, later: Event) -> float:
        if self.at < 0 or later.at < 0:
            raise RuntimeError("events of different devices")
        return later.at - self.at


def test_what_is_between_two_looks_is_a_nodes_work() -> None:
    times = iter((0.0, 5.0, 6.0, 16.0, 17.0))
    made: list[Event] = []

    def event() -> Event:
        made.append(Event(next(times)))
        return made[-1]

    clock = DeviceClock(True, event)
    clock.begin()
    clock.worked()
    clock.looked()
    clock.worked()
    clock.looked()
    assert clock.seconds(2) == [0.005, 0.010]
    assert [one.waited_for for one in made] == [False, False, False, True, False]


def test_nothing_is_known_without_a_gpu_or_where_a_node_was_missed() -> None:
    assert DeviceClock(False).seconds(2) == [None, None]
    ticks = count()
    clock = DeviceClock(True, event=lambda: Event(next(ticks)))
    clock.begin()
    clock.worked()
    assert clock.seconds(3) == [None] * 3


def test_events_that_cannot_be_compared_are_no_error_of_the_script() -> None:
    clock = DeviceClock(True, event=lambda: Event(-1.0))
    clock.begin()
    clock.worked()
    assert clock.seconds(1) == [None]


def test_an_event_that_cannot_be_made_ends_the_clock_alone() -> None:
    def refused() -> Event:
        raise RuntimeError("operation not permitted when stream is capturing")

    clock = DeviceClock(True, event=refused)
    clock.begin()
    clock.worked()
    clock.looked()
    assert clock.seconds(1) == [None]
