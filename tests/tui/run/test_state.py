from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.training.branches import experiment
from tests.tui.chart.figures.examples import scene
from tui.run import state

RUN = scene(steps=50).run


def test_the_cursor_moves_over_kept_iterations_and_stays_among_them() -> None:
    assert state.moved_cursor(RUN, None, -1) == 49
    assert state.moved_cursor(RUN, 49, 1) == 50
    assert state.moved_cursor(RUN, 50, 1) == 50
    assert state.moved_cursor(RUN, 10, -100) == 0
    assert state.moved_cursor(RUN, 0, -1) == 0
    assert state.moved_cursor(RUN, 0, 10**9) == 50


@given(st.integers(0, 50), st.integers(-60, 60))
def test_what_is_seen_is_the_run_as_it_was(cursor: int, by: int) -> None:
    cursor = state.moved_cursor(RUN, cursor, by)
    seen = state.at_cursor(RUN, cursor)
    assert seen.state.iteration == cursor
    assert seen.history.steps == RUN.history.steps[:cursor]
    assert state.at_cursor(RUN, None) is RUN


def test_a_chart_looks_the_same_whatever_else_is_going_on() -> None:
    here = state.RunState(experiment(RUN))
    assert state.same_picture(here, replace(here, busy="stepping", pace=5.0))
    assert not state.same_picture(here, replace(here, cursor=3))
    assert not state.same_picture(here, replace(here, experiment=experiment(RUN)))
