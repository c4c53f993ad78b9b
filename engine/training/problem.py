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

STEPS_LIMIT = 1_000_000_000


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

    @property
    def points(self) -> int:
        """The number of points: rows of x and y."""
        return self.source.points

    @property
    def features(self) -> int:
        """The number of features: columns of x."""
        return len(self.source.feature_names)

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
        if self.start_w is not None and len(self.start_w) != self.features:
            raise ProblemError(f"start w needs {self.features} numbers, not {len(self.start_w)}")
        if self.dtype not in get_args(Dtype):
            raise ProblemError(f"dtype must be float32 or float64, not {self.dtype}")
        if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", self.device):
            raise ProblemError(f"device must be cpu, cuda or cuda:N, not {self.device!a}")
        check_parameters("start", self.start_w or (), self.start_b)


@dataclass(frozen=True, slots=True)
class State:
    """The parameters, gradients and velocities of a run between two iterations."""

    iteration: int
    """The number of iterations done."""
    w: tuple[float, ...]
    b: float
    w_grad: tuple[float, ...] | None = None
    """The content of `w.grad`; None before the first backward pass."""
    b_grad: float | None = None
    w_velocity: tuple[float, ...] | None = None
    """Momentum's running sum; None without momentum."""
    b_velocity: float | None = None


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

    @property
    def finite(self) -> bool:
        """Whether every number is finite."""
        numbers = (self.loss, self.b, self.b_grad, *self.w, *self.w_grad)
        return all(map(math.isfinite, numbers))

    @property
    def state(self) -> State:
        """The state of the run after this iteration."""
        i, _, w, b, w_grad, b_grad, w_velocity, b_velocity = self
        return State(i + 1, w, b, w_grad, b_grad, w_velocity, b_velocity)


def original_units(problem: Problem, state: State) -> tuple[tuple[float, ...], float]:
    """The w and b of a state, for features as they are in the file, not standardised.

    From w · (x - mean) / scale + b = (w / scale) · x + (b - Σ w · mean / scale).
    """
    source = problem.source
    if not isinstance(source, Table) or not source.standardise:
        return state.w, state.b
    w = tuple(number / scale for number, scale in zip(state.w, source.scales, strict=True))
    return w, state.b - sum(a * mean for a, mean in zip(w, source.means, strict=True))
