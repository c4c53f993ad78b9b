"""The state after what a thread has posted: pure functions, which the trainer hands out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.data.source import Table
from engine.training.branches import replace_current
from tui.run.messages import ProblemPrepared, RunAdvanced, SessionLoaded, looked_at
from tui.run.only_looking import OnlyLooking
from tui.run.state import RunState, with_stop


def advanced(state: RunState, message: RunAdvanced) -> RunState:
    """The state with its current run as it is now; as it is where there is no experiment."""
    if state.experiment is None:
        return state
    return replace(
        state,
        experiment=replace_current(state.experiment, message.run),
        stops=with_stop(state.stops, message.run),
        inside=message.inside or state.inside,
    )


def prepared(state: RunState, message: ProblemPrepared, loaded: SessionLoaded | None) -> RunState:
    """The state with another experiment, and what was `loaded` with it from a session."""
    experiment, run = message.experiment, message.spot.run
    if message.only_looking is None:
        experiment = replace_current(experiment, run)
    settings: dict[str, Any] = {}
    if loaded is not None:
        settings = {"breakpoints": loaded.session.breakpoints, "pace": loaded.session.pace}
    return replace(
        state,
        facts=message.facts,
        experiment=experiment,
        only_looking=message.only_looking,
        inside=message.spot.inside,
        stops=with_stop(state.stops, run),
        points=message.points,
        theories=message.theories,
        cursor=None,
        **settings,
    )


def unread(state: RunState, loaded: SessionLoaded, ticket: int) -> ProblemPrepared:
    """What is told of a session that the app starts with, whose data are not to be read now."""
    experiment = loaded.session.experiment
    source = experiment.branch.run.problem.source
    lost = source if isinstance(source, Table) else None
    why = OnlyLooking("the reading of its data was stopped", lost)
    return looked_at(experiment, why, state.facts, ticket)
