"""A run that goes flat out is shown as often as that is cheap, and where it ends in any case."""

from __future__ import annotations

import pytest
from textual.message import Message

from engine.training.advance import begin
from engine.training.problem import Problem
from tui.run.frame_pace import LONGEST, SHARE, FramePace
from tui.run.iteration import Spot
from tui.run.messages import RunAdvanced, TrainingFinished
from tui.run.work import Work

SHORTEST = 0.1


def frames(cost: float, seconds: float = 10.0) -> int:
    """So many are shown in some seconds, where the screen works `cost` seconds for each."""
    now = worked = 0.0
    pace = FramePace(SHORTEST, clock=lambda: now, cpu=lambda: worked)
    shown = 0
    while now < seconds:
        if pace.due():
            shown += 1
            pace.shown()
            worked += cost
        now += 0.01
    return shown


def test_the_screen_takes_its_share_of_the_time_and_no_more() -> None:
    cheap, usual, dear = frames(0.0001), frames(0.008), frames(0.1)
    assert cheap == pytest.approx(10 / SHORTEST, abs=10)
    assert 0.008 * usual == pytest.approx(10 * SHARE, rel=0.1)
    assert dear == pytest.approx(10 / LONGEST, abs=1)


def test_the_last_frame_is_shown_even_where_none_is_due() -> None:
    run = begin(Problem(target=3))
    spots = [Spot(run, None) for _ in range(3)]
    posted: list[Message] = []

    def post(message: Message) -> bool:
        posted.append(message)
        return True

    work = Work(post, lambda task: task())
    pace = FramePace(SHORTEST, clock=lambda: 0.0)
    assert pace.due()
    work.train(lambda _here, _cancel: iter(spots), spots[0], pace)
    kinds = [type(message) for message in posted]
    assert kinds == [RunAdvanced, TrainingFinished]
