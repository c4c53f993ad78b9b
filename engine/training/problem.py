"""What is to be learned and how: the records of linear regression by gradient descent.

All are torch-free. Floats hold float32 values exactly, so a `State` made from a running
training restores it bit for bit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from engine.data.source import (
    Dtype,
    ProblemError,
    Source,
    Synthetic,
    Table,
    check_finite,
    check_parameters,
    check_range,
)

Update = Literal["no_grad", "data"]
"""The update of w and b: inside `torch.no_grad()`, or through `.data` as in the tutorial."""

Method = Literal["sgd", "nesterov", "rmsprop", "adam"]
"""What makes a step of the gradients, by its name in `torch.optim`; sgd is gradient descent, with
momentum where there is any, and nesterov the same with the gradient ahead."""

STEPS_LIMIT = 1_000_000_000
FLOAT32_MAX = 3.4028234663852886e38
FLOAT32_LEAST = 1.1754943508222875e-38
"""The least number that float32 holds to all its digits."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that decides a training run; two runs of an equal problem are equal."""

    source: Source = field(default_factory=Synthetic)
    learning_rate: float = 0.01
    target: int = 5000
    """The number of iterations after which a run is done."""
    dtype: Dtype = "float32"
    device: str = "cpu"
    """`cpu`, `cuda` or `cuda:N`, already resolved from `auto`."""
    zeroing: bool = True
    """Whether `.grad` is zeroed before each backward; without, gradients accumulate."""
    update: Update = "no_grad"
    momentum: float = 0.0
    start_w: tuple[float, ...] | None = None
    """The start of w; None: uniform on [0, 1) from the source's seed, drawn after x."""
    start_b: float = 0.0
    method: Method = "sgd"
    batch_size: int | None = None
    """How many points an iteration learns from; None: from all of them."""
    alpha: float = 0.99
    """How much of the mean square of the gradients rmsprop keeps."""
    beta1: float = 0.9
    """How much of the mean of the gradients adam keeps."""
    beta2: float = 0.999
    """How much of their mean square adam keeps."""
    eps: float = 1e-8
    """What rmsprop and adam add to what they divide by."""

    @property
    def points(self) -> int:
        """The number of points: rows of x and y."""
        return self.source.points

    @property
    def features(self) -> int:
        """The number of features: columns of x."""
        return len(self.source.feature_names)

    @property
    def batches(self) -> int:
        """The number of iterations in an epoch, in which every point is learned from once."""
        return -(-self.points // (self.batch_size or self.points))

    @property
    def is_descent(self) -> bool:
        """Whether it is gradient descent on all points, with or without momentum.

        Of everything else theory knows the optimum, but neither the largest stable learning rate
        nor how many iterations are to come.
        """
        return self.method == "sgd" and self.batch_size is None

    @property
    def truth(self) -> tuple[tuple[float, ...], float] | None:
        """The w and b that the points were made from; None where they come from a file."""
        source = self.source
        return (source.true_w, source.true_b) if isinstance(source, Synthetic) else None

    def check(self) -> None:
        """Raise ProblemError where a field is out of its range."""
        self.source.check()
        check_finite("learning rate", self.learning_rate, above=0.0)
        check_range("steps", self.target, 1, STEPS_LIMIT)
        check_finite("momentum", self.momentum, at_least=0.0)
        if self.momentum >= 1:
            raise ProblemError(f"momentum must be below 1, not {self.momentum:g}")
        self._check_method()
        if self.batch_size is not None:
            check_range("batch size", self.batch_size, 1, self.points)
        if self.start_w is not None and len(self.start_w) != self.features:
            raise ProblemError(f"start w needs {self.features} numbers, not {len(self.start_w)}")
        if self.dtype not in get_args(Dtype):
            raise ProblemError(f"dtype must be float32 or float64, not {self.dtype}")
        if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", self.device):
            raise ProblemError(f"device must be cpu, cuda or cuda:N, not {self.device!a}")
        check_parameters("start", self.start_w or (), self.start_b)
        if self.dtype == "float32" and self.learning_rate > FLOAT32_MAX:
            rate = f"{self.learning_rate:g}"
            raise ProblemError(f"learning rate {rate} is too large for float32, not for float64")

    def _check_method(self) -> None:
        if self.method not in get_args(Method):
            known = ", ".join(get_args(Method))
            raise ProblemError(f"method must be one of {known}, not {self.method}")
        if self.method == "nesterov" and not self.momentum:
            raise ProblemError("momentum must be above 0 for nesterov, such as 0.9")
        if self.method in ("rmsprop", "adam") and self.momentum:
            raise ProblemError(f"momentum must be 0 for {self.method}, not {self.momentum:g}")
        for name in ("alpha", "beta1", "beta2"):
            check_finite(name, kept := getattr(self, name), at_least=0.0)
            if kept >= 1:
                raise ProblemError(f"{name} must be below 1, not {kept:g}")
        check_finite("eps", self.eps, at_least=0.0)


@dataclass(frozen=True, slots=True)
class State:
    """The parameters, gradients and what a method keeps of them between two iterations."""

    iteration: int
    """The number of iterations done."""
    w: tuple[float, ...]
    b: float
    w_grad: tuple[float, ...] | None = None
    """The content of `w.grad`; None before the first backward pass."""
    b_grad: float | None = None
    w_velocity: tuple[float, ...] | None = None
    """The running sum of momentum, or adam's running mean; None where there is neither."""
    b_velocity: float | None = None
    w_square: tuple[float, ...] | None = None
    """The running mean of the squares of the gradients, of rmsprop and adam."""
    b_square: float | None = None
    updates: int | None = None
    """In how many iterations that mean has grown: adam corrects by it."""


class Step(NamedTuple):
    """One finished iteration. A named tuple, since the fast path makes one every iteration."""

    iteration: int
    """The number of the iteration, from 0: the tutorial's `i`."""
    loss: float
    """J(w, b), the mean squared error, before the update."""
    w: tuple[float, ...]
    """The weights after the update, one a feature."""
    b: float
    w_grad: tuple[float, ...]
    b_grad: float
    w_velocity: tuple[float, ...] | None = None
    b_velocity: float | None = None
    w_square: tuple[float, ...] | None = None
    b_square: float | None = None
    updates: int | None = None

    @property
    def finite(self) -> bool:
        """Whether every number is finite."""
        numbers = (self.loss, self.b, self.b_grad, *self.w, *self.w_grad)
        return all(map(math.isfinite, numbers))

    @property
    def state(self) -> State:
        """The state of the run after this iteration."""
        return State(self.iteration + 1, *self[2:])


def original_units(problem: Problem, state: State) -> tuple[tuple[float, ...], float]:
    """The w and b of a state, for features as they are in the file, not standardised.

    From w · (x - mean) / scale + b = (w / scale) · x + (b - Σ w · mean / scale).
    """
    source = problem.source
    if not isinstance(source, Table) or not source.standardise:
        return state.w, state.b
    w = tuple(number / scale for number, scale in zip(state.w, source.scales, strict=True))
    return w, state.b - sum(a * mean for a, mean in zip(w, source.means, strict=True))
