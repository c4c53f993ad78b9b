"""What is to be learned and how: the records of linear regression by gradient descent.

All are torch-free. Floats hold float32 values exactly, so a `State` made from a running
training restores it bit for bit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

Update = Literal["no_grad", "data"]
"""How w and b are changed: inside `torch.no_grad()`, or the tutorial's way through `.data`."""

Dtype = Literal["float32", "float64"]
Missing = Literal["drop", "refuse"]
"""What to do with a row in which a number is missing: leave it out, or take it for an error."""

POINTS_LIMIT = 100_000_000
FEATURES_LIMIT = 100
STEPS_LIMIT = 1_000_000_000
SEED_LIMIT = 2**63 - 1


class ProblemError(ValueError):
    """A problem that cannot be: one line that says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Points made on the spot: y = true_w · x + true_b + noise, x uniform on [0, 1)."""

    points: int = 50
    noise: float = 0.0
    """Standard deviation of the normal noise on y."""
    seed: int = 0
    true_w: tuple[float, ...] = (3.0,)
    """One a feature."""
    true_b: float = 0.8

    @property
    def feature_names(self) -> tuple[str, ...]:
        """`x`, or `x1`, `x2` and so on."""
        count = len(self.true_w)
        return ("x",) if count == 1 else tuple(f"x{i + 1}" for i in range(count))

    @property
    def target_name(self) -> str:
        """What is predicted."""
        return "y"

    def check(self) -> None:
        """Raise ProblemError where a field is out of its range."""
        _range("points", self.points, 1, POINTS_LIMIT)
        _finite("noise", self.noise, at_least=0.0)
        _range("seed", self.seed, 0, SEED_LIMIT)
        _features(len(self.true_w))
        _all_finite("true", self.true_w, self.true_b)


@dataclass(frozen=True, slots=True)
class Table:
    """Points from a CSV file, by what was found in it; `engine.data.csv_reader` makes it.

    Not the numbers: they are read again where they are wanted and no longer in memory.
    """

    path: str
    """Absolute; `-` is standard input, which can be read only once."""
    target: str
    """The column that is predicted."""
    features: tuple[str, ...]
    """The columns it is predicted from."""
    points: int
    """Rows used."""
    fingerprint: str
    """Of the file's bytes: a file that has changed since is not taken for the same data."""
    header: bool = True
    """Whether the first row holds the names of the columns."""
    missing: Missing = "refuse"
    dropped: int = 0
    """Rows left out because a number is missing in them."""
    ignored: tuple[str, ...] = ()
    """Columns that hold no numbers."""
    means: tuple[float, ...] = ()
    """Of each feature, where they are standardised: to mean 0 and standard deviation 1."""
    scales: tuple[float, ...] = ()
    """Standard deviation of each feature, 1 for one that is constant."""
    seed: int = 0
    """Of the start of w."""

    @property
    def standardise(self) -> bool:
        """Whether x is (feature - mean) / scale; y never is."""
        return bool(self.scales)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of x."""
        return self.features

    @property
    def target_name(self) -> str:
        """What is predicted."""
        return self.target

    def check(self) -> None:
        """Raise ProblemError where a field is out of its range."""
        _range("rows", self.points, 1, POINTS_LIMIT)
        _range("dropped rows", self.dropped, 0, POINTS_LIMIT)
        _range("seed", self.seed, 0, SEED_LIMIT)
        _features(len(self.features))
        if len({self.target, *self.features}) != 1 + len(self.features):
            raise ProblemError("a column can be used only once")
        count = len(self.features) if self.standardise else 0
        if not len(self.means) == len(self.scales) == count:
            raise ProblemError("every standardised feature needs its mean and scale")
        for mean, scale in zip(self.means, self.scales, strict=True):
            _finite("mean", mean)
            _finite("scale", scale, above=0.0)


Source = Synthetic | Table


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that decides a training run; two runs of an equal problem are equal."""

    source: Source = field(default_factory=Synthetic)
    learning_rate: float = 0.01
    target: int = 5000
    """After how many iterations a run is done."""
    dtype: Dtype = "float32"
    device: str = "cpu"
    """`cpu`, `cuda` or `cuda:N`, already resolved from `auto`."""
    zeroing: bool = True
    """Whether `.grad` is zeroed before each backward; without, gradients accumulate."""
    update: Update = "no_grad"
    momentum: float = 0.0
    start_w: tuple[float, ...] | None = None
    """None: uniform on [0, 1) from the source's seed, drawn after x as in the reference run."""
    start_b: float = 0.0

    @property
    def points(self) -> int:
        """How many rows x and y have."""
        return self.source.points

    @property
    def features(self) -> int:
        """How many columns x has."""
        return len(self.source.feature_names)

    @property
    def truth(self) -> tuple[tuple[float, ...], float] | None:
        """The w and b that the points were made from; None where they come from a file."""
        source = self.source
        return (source.true_w, source.true_b) if isinstance(source, Synthetic) else None

    def check(self) -> None:
        """Raise ProblemError where a field is out of its range."""
        self.source.check()
        _finite("learning rate", self.learning_rate, above=0.0)
        _range("steps", self.target, 1, STEPS_LIMIT)
        _finite("momentum", self.momentum, at_least=0.0)
        if self.momentum >= 1:
            raise ProblemError(f"momentum must be below 1, not {self.momentum:g}")
        if self.start_w is not None and len(self.start_w) != self.features:
            raise ProblemError(f"start w needs {self.features} numbers, not {len(self.start_w)}")
        if self.dtype not in get_args(Dtype):
            raise ProblemError(f"dtype must be float32 or float64, not {self.dtype}")
        if not re.fullmatch(r"cpu|cuda(:\d{1,3})?", self.device):
            raise ProblemError(f"device must be cpu, cuda or cuda:N, not {self.device!a}")
        _all_finite("start", self.start_w or (), self.start_b)


@dataclass(frozen=True, slots=True)
class State:
    """Where a training run stands between two iterations."""

    iteration: int
    """How many iterations are done."""
    w: tuple[float, ...]
    b: float
    w_grad: tuple[float, ...] | None = None
    """What w.grad holds; None before the first backward."""
    b_grad: float | None = None
    w_velocity: tuple[float, ...] | None = None
    """Momentum's running sum; None without momentum."""
    b_velocity: float | None = None


class Step(NamedTuple):
    """One finished iteration. A named tuple, since the fast path makes one every iteration."""

    iteration: int
    """From 0, the tutorial's `i`."""
    loss: float
    """Before the update."""
    w: tuple[float, ...]
    """After the update."""
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
        """Where the run stands after it."""
        i, _, w, b, w_grad, b_grad, w_velocity, b_velocity = self
        return State(i + 1, w, b, w_grad, b_grad, w_velocity, b_velocity)


def _features(count: int) -> None:
    if not count:
        raise ProblemError("at least one feature is needed")
    if count > FEATURES_LIMIT:
        raise ProblemError(f"at most {FEATURES_LIMIT:,} features are possible, not {count:,}")


def _all_finite(which: str, w: tuple[float, ...], b: float) -> None:
    _finite(f"{which} b", b)
    for number in w:
        _finite(f"{which} w", number)


def _range(name: str, number: int, low: int, high: int) -> None:
    if not low <= number <= high:
        raise ProblemError(f"{name} must be from {low:,} to {high:,}, not {number:,}")


def _finite(
    name: str, number: float, *, at_least: float | None = None, above: float | None = None
) -> None:
    if not math.isfinite(number):
        raise ProblemError(f"{name} must be a finite number, not {number}")
    if at_least is not None and number < at_least:
        raise ProblemError(f"{name} must be at least {at_least:g}, not {number:g}")
    if above is not None and number <= above:
        raise ProblemError(f"{name} must be above {above:g}, not {number:g}")
