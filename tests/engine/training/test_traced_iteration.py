from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given

from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.iteration_tracer import trace_iteration
from engine.training.problem import Problem
from tests.engine.script.scripts import last, numbers, view
from tests.engine.training.problems import of_any_method
from tests.examples import examples


@examples(20)
@given(of_any_method())
def test_a_traced_iteration_is_the_fast_one_to_the_last_bit(problem: Problem) -> None:
    state = start(problem)
    for step in islice(steps(problem, state), 3):
        traced = trace_iteration(problem, state)
        assert repr(traced.step) == repr(step)
        assert traced.recording.ending == "end"
        assert traced.before is state
        state = step.state


def test_the_phases_of_the_reference_run() -> None:
    problem = Problem()
    recording = trace_iteration(problem, start(problem)).recording
    source = recording.source.splitlines()
    comments = [line for line in source if line.startswith("#")]
    assert comments == [
        "# predict",
        "# the loss: mean of squares",
        "# gradients add up: zero the old",
        "# backward",
        "# update, without history",
    ]
    after_backward = last(recording, source.index("loss.backward()") + 1)
    assert after_backward.backward == 0
    assert numbers(view(after_backward, "w").grad) == pytest.approx([-1.955099], abs=1e-6)
    assert numbers(view(after_backward, "b").grad) == pytest.approx([-3.570062], abs=1e-6)


def test_updating_through_data_is_silent_and_harmless() -> None:
    problem = Problem(update="data")
    recording = trace_iteration(problem, start(problem)).recording
    silent = [write for moment in recording.moments for write in moment.silent]
    assert [(write.name, write.harmful) for write in silent] == [("w", False), ("b", False)]


def test_tracing_leaves_the_state_as_it_was() -> None:
    problem = Problem(zeroing=False)
    state = next(steps(problem, start(problem))).state
    assert repr(trace_iteration(problem, state).step) == repr(trace_iteration(problem, state).step)
