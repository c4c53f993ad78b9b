from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from textual.message import Message

from engine.data.source import Table
from engine.data.table_cache import read_table
from engine.training.advance import advance, begin
from engine.training.branches import experiment, replace_current
from engine.training.fork import fork
from engine.training.problem import Problem
from engine.training.run import Run
from tests.tui.conftest import Open
from tui.run import moves, trainer_tasks
from tui.run.dispatch import dispatch
from tui.run.frame_pace import FramePace
from tui.run.iteration import Spot
from tui.run.messages import Command, RunAdvanced, RunMessage
from tui.run.trainer import Trainer
from tui.run.work import Work


def test_frames_are_looked_into_only_while_somebody_sees_it_but_the_last_one_always() -> None:
    here = Spot(begin(Problem(target=4)), None)
    for seen in (True, False):
        *frames, last = trainer_tasks.train((), 0.0, seen=partial(bool, seen))(here, Event())
        assert [frame.inside is not None for frame in frames] == [seen] * 4
        assert last.inside is not None
        assert last.inside.traced.iteration == 3


def test_a_long_run_is_looked_into_now_and_then_the_dearer_the_more_rarely() -> None:
    *_, run = advance(begin(Problem(target=2100)))
    assert run.history.stride > 1
    times = iter((0.0, 0.01, 1.9, 2.1, 2.2, 21.0, 23.0, 23.01))
    *frames, last = moves.watched([run] * 5, clock=lambda: next(times))
    looked = [frame.inside is not None for frame in frames]
    assert looked == [True, False, True, False, True]
    assert last.inside is not None


def test_what_was_looked_into_is_handed_out_with_the_next_frame_that_is_due() -> None:
    run = begin(Problem(target=4))
    first, second = (moves.spot(run) for _ in range(2))
    times = iter((0.0, 0.0, 0.01, 2.0, 2.0))
    posted: list[Message] = []

    def post(message: Message) -> bool:
        posted.append(message)
        return True

    work = Work(post, lambda task: task())
    spots = [first, second, Spot(run, None)]
    work.train(lambda _here, _cancel: iter(spots), first, FramePace(1.0, lambda: next(times)))
    shown = [message.inside for message in posted if isinstance(message, RunAdvanced)]
    assert shown == [first.inside, second.inside]


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


def test_what_is_typed_while_something_runs_comes_after_it() -> None:
    said: list[str] = []
    threads: list[Callable[[], None]] = []

    def post(message: Message) -> bool:
        assert isinstance(message, RunMessage)
        dispatch(message, trainer)
        return True

    trainer = Trainer(
        Problem(target=5000), show=str, post=post, start=threads.append, notify=said.append
    )

    def all_ends() -> int:
        while threads:
            threads.pop(0)()
        assert trainer.state.run is not None
        assert (trainer.state.busy, said) == ("", [])
        return trainer.state.run.state.iteration

    trainer.command("run")
    trainer.command("run")
    trainer.prepare(trainer.problem)
    assert all_ends() < 5000
    moves: tuple[Command, ...] = ("next", "run")
    for running in moves:
        for wanted in (40, 7):
            trainer.command(running)
            trainer.go_to(wanted)
            assert all_ends() == wanted


def test_the_current_table_stays_in_memory_whatever_others_are_solved(tmp_path: Path) -> None:
    def problem(name: str) -> Problem:
        path = tmp_path / name
        path.write_text("x,y\n" + "".join(f"{n},{n * len(name)}\n" for n in range(9)))
        return Problem(read_table(path), learning_rate=1e-4)

    first, *others = [problem("x" * n) for n in range(1, 7)]
    found = experiment(trained(begin(first)))
    for other in others:
        found = fork(found, other, anew=True)
        found = replace_current(found, trained(found.branch.run))
    source = others[-1].source
    assert isinstance(source, Table)
    Path(source.path).unlink()  # so that it cannot be read again
    known = trainer_tasks.prepared(found, "", 1, print, lambda: False)
    assert all(known.theories.of(problem) for problem in (first, *others))


def trained(run: Run) -> Run:
    """With something that would be lost where it had no branch of its own."""
    *_, last = advance(run, 2)
    return last
