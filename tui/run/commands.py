"""What the command palette can do with the shared run: its data, its device, its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from textual.app import App, SystemCommand

from engine.training.history_csv import export
from tui.kit.file_prompt import ask_path, export_file
from tui.kit.prompt import PromptScreen
from tui.run import other_data
from tui.run.data_dialog import DataScreen
from tui.run.data_form import DataChoice
from tui.run.find_data import find_data
from tui.run.trainer import Trainer


def commands(
    app: App[None], trainer: Trainer, in_front: Callable[[], None]
) -> Iterator[SystemCommand]:
    """The commands, each asking in a dialog over the app.

    `in_front` brings a tab that shows the run to the front.
    """
    yield SystemCommand(
        "Open data",
        "learn from a CSV file",
        lambda: app.run_worker(open_data(app, trainer, in_front)),
    )
    looking = trainer.state.only_looking
    if looking is not None and looking.lost is not None:
        yield SystemCommand(
            "Find data",
            "that this run cannot go on without",
            lambda: app.run_worker(find_data(app, trainer)),
        )
    yield SystemCommand(
        "Standardise",
        "features or not, each on a branch",
        lambda: change_units(trainer),
    )
    yield SystemCommand(
        "Device", "train on the CPU or a GPU", lambda: app.run_worker(choose_device(app, trainer))
    )
    yield SystemCommand(
        "Export history", "the run as CSV", lambda: app.run_worker(export_history(app, trainer))
    )


def change_units(trainer: Trainer) -> None:
    """Standardise the features on a branch, or go back to the one in their own units."""
    trainer.change(cursor=None)
    other_data.change_units(trainer)


async def open_data(
    app: App[None],
    trainer: Trainer,
    in_front: Callable[[], None],
    typed: DataChoice | None = None,
    refused: str = "",
) -> None:
    """Ask for a CSV file, and for what is learned from what in it; then read it.

    Where it cannot be read to its end, ask again, with what was `typed` and why it was `refused`.
    """
    choice = await app.push_screen_wait(DataScreen(trainer.problem, typed=typed, refused=refused))
    if choice is None:
        return

    def ask_again(why: str) -> None:
        app.run_worker(open_data(app, trainer, in_front, choice, why))

    in_front()
    other_data.read_data(trainer, choice, ask_again)


async def choose_device(app: App[None], trainer: Trainer) -> None:
    """Ask for a device by torch's name for it, and go on there on a branch."""
    from engine.training.device import resolve_device  # torch

    problem = trainer.problem
    prompt = PromptScreen("device", "auto, cpu, cuda or cuda:N", resolve_device, problem.device)
    if name := await app.push_screen_wait(prompt):
        trainer.change(cursor=None)
        trainer.change_problem(replace(problem, device=resolve_device(name)))


async def export_history(app: App[None], trainer: Trainer) -> None:
    """Ask for a file's name, and write what is kept of the current branch there as CSV."""
    run = trainer.state.run
    path = await ask_path(app, "export history as CSV", "history.csv")
    if path and run is not None:
        steps = trainer.state.kept_steps
        await export_file(app, path, lambda: export(path, run.problem, steps))
