from __future__ import annotations

from dataclasses import replace

import pytest

from engine.training.branches import experiment
from engine.training.history import History
from engine.training.problem import Problem, State
from engine.training.run import Run, Stop
from tui.run.state import Busy, RunState
from tui.run.status_line import status

HERE = State(216_781, (3.0,), 0.8)
RUN = Run(Problem(target=3_000_000), History(HERE), rate=36_755.0)
PAUSED = replace(RUN, stop=Stop("paused", "paused after 216,781 iterations"))


@pytest.mark.parametrize(
    ("run", "busy", "cursor", "wide", "narrow", "least"),
    [
        (
            RUN,
            "running",
            None,
            "iteration 216,781 of 3,000,000  ▶▶ running  36,755 a second, 76 s left",
            "iteration 216,781 of 3,000,000  ▶▶ running  36,755/s",
            "216,781 of 3,000,000  ▶▶ 36,755/s, 76 s left",
        ),
        (
            PAUSED,
            "",
            None,
            "iteration 216,781 of 3,000,000  paused after 216,781 iterations",
            "216,781 of 3,000,000  paused after 216,781 iterations",
            "216,781 of 3,000,000  paused after 216,781 iterations",
        ),
        (
            RUN,
            "",
            121_703,
            " looking at iteration 121,703   enter goes there, escape back",
            " at iteration 121,703   enter goes there, escape back",
            " at iteration 121,703   enter goes there, escape back",
        ),
    ],
)
def test_the_status_is_whole_also_beside_the_names_of_the_charts(
    run: Run, busy: Busy, cursor: int | None, wide: str, narrow: str, least: str
) -> None:
    state = RunState(experiment=experiment(run), busy=busy, cursor=cursor)
    assert status(state, 80).plain == wide
    assert status(state, 58).plain == narrow
    assert status(state, 48).plain == least
