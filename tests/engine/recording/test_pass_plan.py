from __future__ import annotations

from dataclasses import asdict

import pytest

from engine.recording.pass_plan import EVERYTHING, Condition, Plan, condition, plan_of


def test_first_passes_then_powers_of_ten() -> None:
    assert [n for n in range(300) if Plan().wants(n)] == [0, 1, 2, 10, 100]


def test_every_so_many_besides_the_first() -> None:
    assert [n for n in range(40) if Plan(every=10).wants(n)] == [0, 1, 2, 10, 20, 30]
    assert all(map(EVERYTHING.wants, range(40)))


@pytest.mark.parametrize("every", [None, 1, 2, 3, 10])
def test_the_next_one_that_is_wanted(every: int | None) -> None:
    plan = Plan(every=every)
    for number in range(-1, 99):
        assert plan.next_after(number) == next(n for n in range(number + 1, 999) if plan.wants(n))


def test_and_the_one_that_is_asked_for() -> None:
    plan = Plan(when=(condition("pass=37"),))
    assert plan.wants(37) and not plan.wants(36)


@pytest.mark.parametrize("text", ["nonfinite", "loss>10", "grad>0.001", "pass=4711"])
def test_a_condition_reads_as_it_is_written(text: str) -> None:
    assert str(condition(text)) == text


@pytest.mark.parametrize(
    "text", ["", "loss", "loss<3", "grad>x", "loss>nan", "pass=-1", "pass=1.5"]
)
def test_what_is_no_condition_is_said_in_one_line(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        condition(text)
    assert len(str(refused.value).splitlines()) == 1


def test_a_plan_comes_back_from_plain_values() -> None:
    plan = Plan(3, (Condition("loss", 2.5),), ("src",), 10, 1.5)
    assert plan_of(asdict(plan)) == plan
