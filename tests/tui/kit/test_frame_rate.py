from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.kit.frame_rate import LOCAL, REMOTE, Budget, FrameRate

COSTS = st.lists(st.tuples(st.floats(0, 0.05), st.integers(0, 20_000)), min_size=3)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_frame_is_due_at_once_and_the_next_after_the_shortest_time() -> None:
    clock = Clock()
    rate = FrameRate(Budget(shortest=0.1), clock)
    assert rate.wait() == 0
    rate.begin()
    assert rate.wait() == 0.1
    clock.now = 0.1
    assert rate.wait() == 0


def test_frames_are_spaced_by_their_work_and_by_their_bytes() -> None:
    rate = FrameRate(Budget(share=0.1, bytes_per_second=10_000), Clock())
    rate.learn(0.03, 1000)
    assert rate.interval == 0.3
    rate.learn(0.01, 8000)
    assert rate.interval == 0.8


def test_what_was_asked_for_is_drawn_at_once_unless_something_was_just_now() -> None:
    clock = Clock()
    rate = FrameRate(Budget(share=0.1), clock)
    rate.begin()
    rate.learn(0.03, 0)
    clock.now = 0.125
    assert rate.wait() == 0.175
    assert rate.wait(patience=0.25) == 0.125
    assert rate.wait(patience=0.1) == 0


def test_a_jump_is_believed_at_once_and_a_fall_by_and_by() -> None:
    rate = FrameRate(Budget(share=0.1), Clock())
    rate.learn(0.1, 0)
    rate.learn(0.0, 0)
    assert rate.interval == 0.5


def test_the_dearest_frames_still_come() -> None:
    rate = FrameRate(Budget(longest=2.0), Clock())
    rate.learn(60.0, 0)
    assert rate.interval == 2.0


@given(COSTS, st.sampled_from([LOCAL, REMOTE]))
def test_over_time_the_budget_is_kept(costs: list[tuple[float, int]], budget: Budget) -> None:
    clock = Clock()
    rate = FrameRate(budget, clock)
    for seconds, size in costs:
        clock.now += rate.wait()
        rate.begin()
        began = clock.now
        rate.learn(seconds, size)
        spent = began + rate.interval - began
        assert seconds <= budget.share * spent * 1.001 or rate.interval == budget.longest
        if budget.bytes_per_second is not None:
            assert size <= budget.bytes_per_second * spent * 1.001
