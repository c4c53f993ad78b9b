"""The loop as a CUDA graph; what records it is a stand-in, but where there is a GPU."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
import torch

from engine.data.source import ProblemError
from engine.training.cuda_graph import UNROLLED, WARM_UPS, Work, graphed
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.problem import Problem

PROBLEM = Problem(momentum=0.5, dtype="float64")


def again(work: Work, device: torch.device) -> Work:
    """Warm up as for a graph, and then just do the work again."""
    for _ in range(WARM_UPS):
        work()
    return work


@pytest.mark.parametrize("problem", [PROBLEM, Problem(zeroing=False), Problem()])
def test_the_steps_are_those_of_the_loop(problem: Problem) -> None:
    state = list(islice(steps(problem, start(problem)), 7))[-1].state
    made = graphed(problem, state, capture=again)
    count = 5 * UNROLLED + 1
    assert list(islice(made.steps, count)) == list(islice(steps(problem, state), count))
    assert made.agreement == "CUDA graph: the first 32 iterations have the bits of the plain loop"


def test_other_numbers_are_said() -> None:
    state = start(PROBLEM)

    def wrong(work: Work, device: torch.device) -> Work:
        """A graph of nothing: its numbers stay those of the warm-up, which went further."""
        again(work, device)
        return lambda: None

    made = graphed(PROBLEM, replace(state, iteration=1000), capture=wrong)
    assert made.agreement.startswith(
        "CUDA graph: not the bits of the plain loop: numbers differ from iteration 1,000 on, in 32 "
    )


def test_on_the_cpu_there_is_none() -> None:
    with pytest.raises(ProblemError, match=r"needs a CUDA device, and this trains on cpu$"):
        graphed(PROBLEM, start(PROBLEM))


@pytest.mark.cuda
@pytest.mark.parametrize("problem", [PROBLEM, Problem(zeroing=False), Problem()])
def test_on_a_gpu_it_keeps_the_bits(problem: Problem) -> None:
    problem = replace(problem, device="cuda")
    made = graphed(problem, start(problem))
    assert made.agreement.endswith("have the bits of the plain loop")
    count = 40 * UNROLLED
    assert list(islice(made.steps, count)) == list(islice(steps(problem, start(problem)), count))
