"""The source of one iteration, as a learner would write it: plain tensors, a few lines a phase."""

from __future__ import annotations

from engine.training.method_state import kept
from engine.training.problem import Problem

BATCH = (
    "# the batch: in every epoch another order\n"
    "shuffled = torch.Generator().manual_seed(seed + epoch)\n"
    "order = torch.randperm(len(x), generator=shuffled)\n"
    "rows = order[first : first + batch_size]\n"
    "x_batch, y_batch = x[rows], y[rows]\n"
)
PREDICT = "# predict\ny_hat = {x} @ w + b\n"
LOSS = "# the loss: mean of squares\nloss = (({y} - y_hat) ** 2).mean()\n"
ZERO = (
    "# gradients add up: zero the old\n"
    "if w.grad is not None:\n    w.grad.zero_()\n    b.grad.zero_()\n"
)
KEEP = "# zeroing is off: gradients add up\n"
BACKWARD = "# backward\nloss.backward()\n"
VELOCITY = "{p}_velocity = momentum * {p}_velocity + {p}.grad\n"
STEPS = {
    "sgd": VELOCITY,
    "nesterov": VELOCITY + "{p}_step = {p}.grad + momentum * {p}_velocity\n",
    "rmsprop": (
        "{p}_square = alpha * {p}_square + (1 - alpha) * {p}.grad**2\n"
        "{p}_step = {p}.grad / ({p}_square.sqrt() + eps)\n"
    ),
    "adam": (
        "{p}_mean = beta1 * {p}_mean + (1 - beta1) * {p}.grad\n"
        "{p}_square = beta2 * {p}_square + (1 - beta2) * {p}.grad**2\n"
        "{p}_scale = ({p}_square / (1 - beta2**t)).sqrt() + eps\n"
        "{p}_step = {p}_mean / (1 - beta1**t) / {p}_scale\n"
    ),
}
"""What comes between the gradient of a parameter p and its update."""
UPDATES = {
    "no_grad": (
        "with torch.no_grad():\n    w -= learning_rate * {w}\n    b -= learning_rate * {b}\n"
    ),
    "data": "w.data -= learning_rate * {w}\nb.data -= learning_rate * {b}\n",
}


def loop_body(problem: Problem) -> str:
    """The source of one iteration: five phases, or six with batches, a comment above each."""
    ending = "" if problem.batch_size is None else "_batch"
    return (
        (BATCH if ending else "")
        + PREDICT.format(x=f"x{ending}")
        + LOSS.format(y=f"y{ending}")
        + (ZERO if problem.zeroing else KEEP)
        + BACKWARD
        + "# update, without history\n"
        + _steps(problem)
        + UPDATES[problem.update].format(w=step_name(problem, "w"), b=step_name(problem, "b"))
    )


def step_name(problem: Problem, parameter: str) -> str:
    """What the loop subtracts from a parameter, times the learning rate."""
    if problem.method != "sgd":
        return f"{parameter}_step"
    return f"{parameter}_velocity" if problem.momentum else f"{parameter}.grad"


def _steps(problem: Problem) -> str:
    if not kept(problem):
        return ""
    counted = "t += 1\n" if problem.method == "adam" else ""
    return counted + "".join(STEPS[problem.method].format(p=parameter) for parameter in "wb")
