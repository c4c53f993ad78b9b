"""One iteration of training in full: the tutorial's loop body, recorded line by line.

The loop body is run as a script by `engine.script.recorder`, on the real data and from the exact
state, so what is shown of an iteration is what happened in it, the same to the last bit as in
`engine.training.descent.steps`.
"""

from __future__ import annotations

from typing import Any

import torch

from engine.script.recorder import record_source
from engine.training.dataset import dataset
from engine.training.problem import Problem, State, Step
from engine.training.traced_iteration import TracedIteration

PREDICT = "# predict\ny_hat = x @ w + b\n"
LOSS = "# the loss: mean of squares\nloss = ((y - y_hat) ** 2).mean()\n"
ZERO = (
    "# gradients add up: zero the old\n"
    "if w.grad is not None:\n    w.grad.zero_()\n    b.grad.zero_()\n"
)
KEEP = "# zeroing is off: gradients add up\n"
BACKWARD = "# backward\nloss.backward()\n"
MOMENTUM = (
    "w_velocity = momentum * w_velocity + w.grad\nb_velocity = momentum * b_velocity + b.grad\n"
)
UPDATES = {
    "no_grad": (
        "with torch.no_grad():\n    w -= learning_rate * {w}\n    b -= learning_rate * {b}\n"
    ),
    "data": "w.data -= learning_rate * {w}\nb.data -= learning_rate * {b}\n",
}


def loop_body(problem: Problem) -> str:
    """The source of one iteration: five phases, a comment and a few lines each."""
    momentum = problem.momentum > 0
    names = ("w_velocity", "b_velocity") if momentum else ("w.grad", "b.grad")
    update = UPDATES[problem.update].format(w=names[0], b=names[1])
    return (
        PREDICT
        + LOSS
        + (ZERO if problem.zeroing else KEEP)
        + BACKWARD
        + "# update, without history\n"
        + (MOMENTUM if momentum else "")
        + update
    )


def trace_iteration(problem: Problem, state: State) -> TracedIteration:
    """Run the iteration that follows `state`, and keep all of it; the state itself stays."""
    data = dataset(problem)
    namespace = _namespace(problem, state, data.x, data.y)
    name = f"iteration {state.iteration:,}"
    recording = record_source(loop_body(problem), name, namespace, checked=False)
    return TracedIteration(state.iteration, state, recording, _step(state.iteration, namespace))


def _namespace(problem: Problem, state: State, x: torch.Tensor, y: torch.Tensor) -> dict[str, Any]:
    def column(numbers: tuple[float, ...]) -> torch.Tensor:
        return torch.tensor(numbers, dtype=x.dtype, device=x.device).unsqueeze(1)

    def single(number: float) -> torch.Tensor:
        return torch.tensor([number], dtype=x.dtype, device=x.device)

    w, b = column(state.w).requires_grad_(), single(state.b).requires_grad_()
    if state.w_grad is not None and state.b_grad is not None:
        w.grad, b.grad = column(state.w_grad), single(state.b_grad)
    namespace = {"torch": torch, "x": x, "y": y, "w": w, "b": b}
    if problem.momentum:
        zeros = (0.0,) * len(state.w)
        namespace["momentum"] = problem.momentum
        namespace["w_velocity"] = column(state.w_velocity or zeros)
        namespace["b_velocity"] = single(state.b_velocity or 0.0)
    return namespace | {"learning_rate": problem.learning_rate}


def _step(iteration: int, namespace: dict[str, Any]) -> Step:
    def numbers(tensor: torch.Tensor) -> tuple[float, ...]:
        return tuple(tensor.detach().reshape(-1).tolist())

    velocity = namespace.get("w_velocity")
    return Step(
        iteration,
        namespace["loss"].item(),
        numbers(namespace["w"]),
        namespace["b"].item(),
        numbers(namespace["w"].grad),
        namespace["b"].grad.item(),
        None if velocity is None else numbers(velocity),
        None if velocity is None else namespace["b_velocity"].item(),
    )
