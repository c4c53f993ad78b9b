from __future__ import annotations

from functools import partial
from threading import Event

from textual.message import Message

from engine.training.advance import begin
from engine.training.problem import Problem
from tests.tui.conftest import Open
from tui.run import trainer_tasks
from tui.run.dispatch import dispatch
from tui.run.iteration import Spot
from tui.run.messages import Command, RunMessage
from tui.run.trainer import Trainer


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


def test_what_is_typed_before_there_is_a_run_is_carried_out_also_after_what_moves_nothing() -> None:
    said: list[str] = []

    def post(message: Message) -> bool:
        assert isinstance(message, RunMessage)
        dispatch(message, trainer)
        return True

    trainer = Trainer(
        Problem(target=1), show=str, post=post, start=lambda work: work(), notify=said.append
    )
    typed: tuple[Command, ...] = ("next", "run", "play", "previous")
    for command in typed:
        trainer.command(command)
    trainer.prepare(trainer.problem)
    assert [words.partition(" of ")[0] for words in said] == ["at the target"] * 2
    assert trainer.state.run is not None
    assert trainer.state.run.state.iteration == 0
