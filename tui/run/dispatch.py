"""Who does what is asked of the shared run: the trainer, message by message."""

from __future__ import annotations

from tui.run import other_data
from tui.run.messages import (
    BreakpointsChanged,
    CommandGiven,
    CursorMoved,
    ExperimentChanged,
    IterationWanted,
    PaceChanged,
    ProblemChanged,
    ProblemPrepared,
    ReadingAdvanced,
    RunAdvanced,
    RunMessage,
    SessionLoaded,
    TrainingFinished,
    UnitsChanged,
)
from tui.run.state import moved_cursor
from tui.run.trainer import Trainer

MOVES = (CommandGiven, IterationWanted, ProblemChanged, UnitsChanged, ExperimentChanged)
"""Who moves the run wants to see where it goes, and no longer looks at an earlier iteration."""


def dispatch(message: RunMessage, trainer: Trainer) -> None:
    """Give the trainer what a key, a dialog or its own thread has posted; on the UI thread."""
    if isinstance(message, MOVES) and trainer.state.cursor is not None:
        trainer.change(cursor=None)
    match message:
        case CommandGiven(command):
            trainer.command(command)
        case IterationWanted(iteration):
            trainer.go_to(iteration)
        case ProblemChanged(problem, anew):
            trainer.change_problem(problem, anew=anew)
        case UnitsChanged():
            other_data.change_units(trainer)
        case ExperimentChanged(experiment):
            trainer.change_experiment(experiment)
        case SessionLoaded():
            other_data.load_session(trainer, message)
        case BreakpointsChanged(breakpoints):
            trainer.change(breakpoints=breakpoints)
        case PaceChanged(by):
            trainer.change_pace(by)
        case CursorMoved(by):
            _look(trainer, by)
        case RunAdvanced():
            trainer.advanced(message)
        case ReadingAdvanced():
            trainer.read_further(message)
        case ProblemPrepared():
            trainer.prepared(message)
        case TrainingFinished():
            trainer.finished(message)


def _look(trainer: Trainer, by: int | None) -> None:
    run = trainer.state.run
    moved = None if by is None or run is None else moved_cursor(run, trainer.state.cursor, by)
    trainer.change(cursor=moved)
