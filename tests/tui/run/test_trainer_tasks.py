from __future__ import annotations

from functools import partial
from threading import Event

from engine.training.advance import begin
from engine.training.problem import Problem
from tests.tui.conftest import Open
from tui.run import trainer_tasks
from tui.run.iteration import Spot


def test_frames_are_looked_into_only_while_somebody_sees_it_but_the_last_one_always() -> None:
    here = Spot(begin(Problem(target=4)), None)
    for seen in (True, False):
        *frames, last = trainer_tasks.train((), 0.0, seen=partial(bool, seen))(here, Event())
        assert [frame.inside is not None for frame in frames] == [seen] * 4
        assert last.inside is not None
        assert last.inside.traced.iteration == 3


async def test_only_the_charts_do_not_show_the_inside_of_an_iteration(open_app: Open) -> None:
    async with open_app(Problem(target=10)) as screen:
        seen = {}
        for key in "123":
            await screen.press(key)
            seen[screen.tab] = screen.bench.tab != "chart"
        assert seen == {"graph": True, "train": True, "chart": False}
