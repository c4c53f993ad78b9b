"""What the shared run learns from: other data, other units, lost data found again, a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.data.source import Table
from engine.training.branches import switch
from tui.run.data_form import DataChoice
from tui.run.messages import SessionLoaded, TrainingFinished
from tui.run.trainer import Trainer
from tui.run.work import ERRORS, tasks

NO_UNITS = "made points have no units to change: x is from 0 to 1"
NOT_YET = "torch is still being loaded; try again in a moment"


def read_data(
    trainer: Trainer, choice: DataChoice, refused: Callable[[str], object] | None = None
) -> None:
    """Learn from a CSV file, on a branch of its own; `refused` is told why that failed."""
    experiment = trainer.state.experiment
    if experiment is None:
        trainer.notify(NOT_YET)
    else:

        def told(message: TrainingFinished) -> None:
            if refused is not None:
                refused(message.failure or "")

        reading = tasks().reading(choice, experiment, trainer.progress)
        trainer.make(reading, "reading", refused=refused and told)


def find_data(trainer: Trainer, path: Path, refused: Callable[[TrainingFinished], object]) -> None:
    """Read the lost data of the current branch in another file; `refused` is told why not."""
    experiment = trainer.state.experiment
    if experiment is not None and trainer.may_change():
        finding = tasks().finding(path, experiment, trainer.progress)
        trainer.make(finding, "reading", refused=refused)


def start_on(trainer: Trainer, table: Table) -> None:
    """Start the current branch's problem anew on another table, on a branch of its own."""
    experiment = trainer.state.experiment
    if experiment is not None and trainer.may_change():
        problem = replace(experiment.branch.run.problem, source=table)
        trainer.make(tasks().forked(experiment, problem))


def change_units(trainer: Trainer) -> None:
    """Standardise the features on a branch of their own, or go to the one that is there."""
    experiment = trainer.state.experiment
    if trainer.only_looks() or experiment is None or not trainer.may_change():
        return
    if not isinstance(experiment.branch.run.problem.source, Table):
        trainer.notify(NO_UNITS)
    elif experiment.twin is not None:
        trainer.change_experiment(switch(experiment, experiment.twin.name))
    else:
        trainer.make(tasks().in_other_units(experiment, trainer.progress), "reading")


def load_session(trainer: Trainer, loaded: SessionLoaded) -> None:
    """Go on with a saved experiment; `SessionTaken` is posted once it is prepared.

    What cannot be trained here, since its data or its device are not there, is looked at.
    """
    moved = tasks().moved(loaded.session.experiment, trainer.devices)
    trainer.make(moved, loaded=loaded, spared=ERRORS)
