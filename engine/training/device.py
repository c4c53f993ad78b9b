"""What the engine runs on, in words, and the choice of a device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from engine.data.source import ProblemError
from engine.plurals import counted
from engine.training.branches import Experiment
from engine.training.fork import fork
from engine.training.problem import Problem

SMALL = 100_000
"""With fewer points PyTorch is quickest on one thread."""


def cuda_devices() -> int:
    """The number of CUDA devices that PyTorch can use here; 0 where CUDA is not available."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def resolve_device(name: str, count: Callable[[], int] = cuda_devices) -> str:
    """Return an available device for `auto`, `cpu`, `cuda` or `cuda:N`.

    `count` returns the number of CUDA devices. Raises ProblemError where the device is not
    available or the name is none of these.
    """
    if name == "auto":
        return "cuda" if count() else "cpu"
    kind, colon, number = name.partition(":")
    if kind == "cpu" and not colon:
        return name
    if kind != "cuda" or (colon and not number.isdecimal()):
        raise ProblemError(f"device must be auto, cpu, cuda or cuda:N, not {name}")
    devices = count()
    if not devices:
        raise ProblemError("no CUDA device is available here; choose cpu or auto")
    if colon and int(number) >= devices:
        raise ProblemError(f"device must be below cuda:{devices}, not {name}")
    return name


def moved_here(
    experiment: Experiment, count: Callable[[], int] = cuda_devices
) -> tuple[Experiment, str]:
    """The experiment on a device that is available here, and a message where that is another.

    On another device it goes on from the same state but on a branch of its own: other devices
    round differently, and what was trained stays as it was. Raises BranchError where there are
    too many branches already.
    """
    problem = experiment.branch.run.problem
    try:
        resolve_device(problem.device, count)
    except ProblemError:
        there = resolve_device("auto", count)
        moved = fork(experiment, replace(problem, device=there))
        way = ", on a branch of its own" if len(moved.branches) > len(experiment.branches) else ""
        return moved, f"{problem.device} is not available here: it goes on on {there}{way}"
    return experiment, ""


def cuda_facts() -> tuple[str, str]:
    """The devices that PyTorch sees, and what to do where CUDA is expected and missing."""
    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
        return f"CUDA {torch.version.cuda}: {', '.join(names)}", ""
    if torch.version.cuda is None:
        return "the CPU; this torch is built without CUDA", ""
    advice = "check nvidia-smi and the driver" if Path("/dev/nvidiactl").exists() else ""
    return f"the CPU; this torch is built for CUDA {torch.version.cuda}, but sees no GPU", advice


def distributed_backends() -> str:
    """What several processes can train together by, as this torch is built: `gloo, nccl`."""
    if not torch.distributed.is_available():
        return "none; this torch is built without torch.distributed"
    there = {
        "gloo": torch.distributed.is_gloo_available,
        "nccl": torch.distributed.is_nccl_available,
        "mpi": torch.distributed.is_mpi_available,
    }
    return ", ".join(name for name, is_there in there.items() if is_there()) or "none"


def load_all() -> None:
    """Have torch import now what it otherwise imports in the first backward pass of a vector."""
    torch.ones(1, requires_grad=True).backward(torch.ones(1))  # type: ignore[no-untyped-call]


def facts(problem: Problem, *, lean: bool = True) -> str:
    """One line: torch's version, device, dtype, threads; loads torch, for a small problem lean.

    One thread: on tensors of a few dozen numbers more of them only wait for each other.
    """
    if lean and problem.points < SMALL:
        torch.set_num_threads(1)
    device = problem.device
    if device != "cpu":
        device += f" ({torch.cuda.memory_allocated(device) / 1e6:,.0f} MB)"
    version = torch.__version__.partition("+")[0]
    threads = counted(torch.get_num_threads(), "thread")
    return f"torch {version} · {device} · {problem.dtype} · {threads}"
