from __future__ import annotations

from dataclasses import replace

import pytest

from engine.data.source import ProblemError
from engine.training.advance import advance, begin
from engine.training.branches import Experiment, experiment, replace_current
from engine.training.device import moved_here, resolve_device
from engine.training.problem import Problem


def no_gpu() -> int:
    return 0


def one_gpu() -> int:
    return 1


def trained_on(device: str, iterations: int) -> Experiment:
    """As if it had been trained there."""
    here = experiment(begin(Problem(target=50)))
    if iterations:
        *_, run = advance(here.branch.run, iterations)
        here = replace_current(here, run)
    problem = replace(here.branch.run.problem, device=device)
    run = replace(here.branch.run, problem=problem)
    return Experiment((replace(here.branch, run=run, furthest=run),))


def test_without_cuda_there_is_the_cpu() -> None:
    assert resolve_device("auto", no_gpu) == resolve_device("cpu", no_gpu) == "cpu"
    for name in ("cuda", "cuda:0"):
        with pytest.raises(ProblemError, match=r"^no CUDA device is available here"):
            resolve_device(name, no_gpu)


def test_a_gpu_that_is_not_there_is_named() -> None:
    assert resolve_device("auto", one_gpu) == "cuda"
    assert resolve_device("cuda:0", one_gpu) == "cuda:0"
    with pytest.raises(ProblemError, match=r"^device must be below cuda:1, not cuda:1$"):
        resolve_device("cuda:1", one_gpu)


@pytest.mark.parametrize("name", ["gpu", "cpu:0", "cuda:", "cuda:x", ""])
def test_what_is_no_device_is_named(name: str) -> None:
    with pytest.raises(ProblemError, match="device must be auto, cpu, cuda or cuda:N"):
        resolve_device(name)


def test_an_experiment_from_a_gpu_goes_on_on_a_branch_of_its_own() -> None:
    before = trained_on("cuda", 7)
    after, message = moved_here(before, no_gpu)
    assert after.branches[0].run is before.branch.run, "what was trained stays as it was"
    assert after.branch.run.problem == Problem(target=50)
    assert after.branch.run.state == before.branch.run.state
    assert after.branch.name == "device cpu"
    assert message == "cuda is not available here: it goes on on cpu, on a branch of its own"


def test_an_experiment_that_has_not_begun_needs_no_branch() -> None:
    after, message = moved_here(trained_on("cuda", 0), no_gpu)
    assert [branch.run.problem for branch in after.branches] == [Problem(target=50)]
    assert message == "cuda is not available here: it goes on on cpu"


def test_another_gpu_is_taken_where_one_is_there() -> None:
    after, message = moved_here(trained_on("cuda:3", 7), one_gpu)
    assert after.branch.run.problem.device == "cuda"
    assert message.startswith("cuda:3 is not available here: it goes on on cuda")


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:0"])
def test_a_device_that_is_there_changes_nothing(device: str) -> None:
    before = trained_on(device, 7)
    assert moved_here(before, one_gpu) == (before, "")
