"""One iteration of training in full: the tutorial's loop body, recorded line by line.

The loop body is run as a script by `engine.script.recorder`, on the real data and from the exact
state, so what is shown of an iteration is what happened in it, the same to the last bit as in
`engine.training.descent.steps`.
"""

from __future__ import annotations

from typing import Any

import torch

from engine.script.recorder import record_source
from engine.training.batches import batch_of
from engine.training.dataset import dataset
from engine.training.loop_body import loop_body
from engine.training.method_state import constants_of, kept, reader, rows_of
from engine.training.problem import Problem, State, Step
from engine.training.traced_iteration import TracedIteration


def trace_iteration(problem: Problem, state: State) -> TracedIteration:
    """Run the iteration that follows `state`, and keep all of it; the state itself stays."""
    data = dataset(problem)
    namespace = _namespace(problem, state, data.x, data.y)
    name = f"iteration {state.iteration:,}"
    recording = record_source(loop_body(problem), name, namespace, checked=False)
    step = _step(problem, state, namespace)
    return TracedIteration(state.iteration, state, recording, step)


def _namespace(problem: Problem, state: State, x: torch.Tensor, y: torch.Tensor) -> dict[str, Any]:
    def column(numbers: tuple[float, ...]) -> torch.Tensor:
        return torch.tensor(numbers, dtype=x.dtype, device=x.device).unsqueeze(1)

    def single(number: float) -> torch.Tensor:
        return torch.tensor([number], dtype=x.dtype, device=x.device)

    w, b = column(state.w).requires_grad_(), single(state.b).requires_grad_()
    if state.w_grad is not None and state.b_grad is not None:
        w.grad, b.grad = column(state.w_grad), single(state.b_grad)
    namespace = {"torch": torch, "x": x, "y": y, "w": w, "b": b}
    for name, (*of_w, of_b) in zip(_kept_names(problem), rows_of(problem, state)[2:], strict=True):
        namespace[f"w_{name}"], namespace[f"b_{name}"] = column(tuple(of_w)), single(of_b)
    if problem.batch_size is not None:
        batch, seed = batch_of(problem, state.iteration), problem.source.seed
        numbers = {"seed": seed, "epoch": batch.seed - seed, "first": batch.first}
        namespace |= numbers | {"batch_size": problem.batch_size}
    if problem.method == "adam":
        namespace["t"] = state.updates or 0
    constants = {name: getattr(problem, name) for name in constants_of(problem)}
    return namespace | constants | {"learning_rate": problem.learning_rate}


def _kept_names(problem: Problem) -> list[str]:
    """What the loop calls what the method keeps: adam's velocity is a mean."""
    names = kept(problem)
    return ["mean" if name == "velocity" and "square" in names else name for name in names]


def _step(problem: Problem, state: State, namespace: dict[str, Any]) -> Step:
    """The outcome, read out of the loop's variables as the fast path reads its rows."""

    def row(ending: str) -> list[float]:
        w, b = (namespace[name + ending].detach() for name in "wb")
        return [*w.reshape(-1).tolist(), b.item()]

    gradients = [*namespace["w"].grad.reshape(-1).tolist(), namespace["b"].grad.item()]
    rows = [row(""), gradients, *(row(f"_{name}") for name in _kept_names(problem))]
    return reader(problem, state)(state.iteration, namespace["loss"].item(), rows)
