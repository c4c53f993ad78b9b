"""Where the points come from: made on the spot, or a file of columns. Torch-free records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from engine.data.encodings import encoding_name

Dtype = Literal["float32", "float64"]
Missing = Literal["drop", "refuse"]
"""A row in which a number is missing is dropped, or refused as an error."""
Decimal = Literal["", ".", ","]
"""The mark before decimals; empty: the one that the file's numbers suggest."""

STDIN = "-"
"""The path that means standard input."""
POINTS_LIMIT = 100_000_000
FEATURES_LIMIT = 100
SEED_LIMIT = 2**63 - 1


class ProblemError(ValueError):
    """A problem that cannot be: one line that says what is wrong and what would be right."""


class TableError(ProblemError):
    """A file that gives no data: one line with its name and, where known, the line number."""


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Points made on the spot: y = true_w · x + true_b + noise, x uniform on [0, 1)."""

    points: int = 50
    noise: float = 0.0
    """Standard deviation of the normal noise on y."""
    seed: int = 0
    true_w: tuple[float, ...] = (3.0,)
    """The true weights, one a feature."""
    true_b: float = 0.8
    outlier: int | None = None
    """The point, counted from 0, whose y is moved; None: every one is where it was made."""
    outlier_by: float = 0.0
    """How far up it is moved."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """`x`, or `x1`, `x2` and so on."""
        count = len(self.true_w)
        return ("x",) if count == 1 else tuple(f"x{i + 1}" for i in range(count))

    @property
    def target_name(self) -> str:
        """The name of the predicted column."""
        return "y"

    def check(self) -> None:
        """Raise ProblemError where a field is out of its range."""
        check_range("points", self.points, 1, POINTS_LIMIT)
        check_finite("noise", self.noise, at_least=0.0)
        check_range("outlier", self.outlier or 0, 0, self.points - 1)
        check_finite("outlier", self.outlier_by)
        check_range("seed", self.seed, 0, SEED_LIMIT)
        check_feature_count(len(self.true_w))
        check_parameters("true", self.true_w, self.true_b)


@dataclass(frozen=True, slots=True)
class Table:
    """Points from a file, by what was found in it; `engine.data.table_reader` makes it.

    Not the numbers: they are read again where they are wanted and no longer in memory.
    """

    path: str
    """The absolute path; `-` is standard input, which can be read only once."""
    target: str
    """The name of the predicted column."""
    features: tuple[str, ...]
    """The columns it is predicted from."""
    points: int
    """How many rows are used."""
    fingerprint: str
    """A digest of the file's bytes: a file that has changed since is refused."""
    header: bool = True
    """Whether the first row holds the names of the columns."""
    missing: Missing = "refuse"
    dropped: int = 0
    """Rows left out because a number is missing in them."""
    ignored: tuple[str, ...] = ()
    """The names of the columns that hold no numbers."""
    means: tuple[float, ...] = ()
    """The mean of each feature, where they are standardised; otherwise empty."""
    scales: tuple[float, ...] = ()
    """Standard deviation of each feature, 1 for one that is constant."""
    seed: int = 0
    """The seed from which the start of w is drawn."""
    decimal: Decimal = ""
    """The mark before decimals, where it was asked for."""
    missing_values: tuple[str, ...] = ()
    """What stands for a missing number, beside empty cells and words such as NA."""
    skip_rows: int = 0
    """Lines above the table that were asked to be left out."""
    encoding: str = ""
    """Python's name of the text's encoding, where it was asked for."""
    notes: tuple[str, ...] = ()
    """What was chosen or left out in reading, a line each."""

    @property
    def standardise(self) -> bool:
        """Whether x is (feature - mean) / scale; y never is."""
        return bool(self.scales)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the columns of x, in order."""
        return self.features

    @property
    def target_name(self) -> str:
        """The name of the predicted column."""
        return self.target

    def check(self) -> None:
        """Raise ProblemError where a field is out of its range."""
        check_range("rows", self.points, 1, POINTS_LIMIT)
        check_range("dropped rows", self.dropped, 0, POINTS_LIMIT)
        check_range("seed", self.seed, 0, SEED_LIMIT)
        check_range("rows to skip", self.skip_rows, 0, POINTS_LIMIT)
        if self.encoding:
            check_encoding(self.encoding)
        check_feature_count(len(self.features))
        if len({self.target, *self.features}) != 1 + len(self.features):
            raise ProblemError("a column can be used only once")
        count = len(self.features) if self.standardise else 0
        if not len(self.means) == len(self.scales) == count:
            raise ProblemError("every standardised feature needs its mean and scale")
        for mean, scale in zip(self.means, self.scales, strict=True):
            check_finite("mean", mean)
            check_finite("scale", scale, above=0.0)


Source = Synthetic | Table


def check_feature_count(count: int) -> None:
    """Raise ProblemError unless there are 1 to FEATURES_LIMIT features."""
    if not count:
        raise ProblemError("at least one feature is needed")
    if count > FEATURES_LIMIT:
        raise ProblemError(f"at most {FEATURES_LIMIT:,} features are possible, not {count:,}")


def check_encoding(name: str) -> None:
    """Raise ProblemError unless this Python knows an encoding of text by that name."""
    try:
        encoding_name(name)
    except ValueError as error:
        raise ProblemError(str(error)) from None


def check_parameters(which: str, w: tuple[float, ...], b: float) -> None:
    """Raise ProblemError unless b and every w is finite; `which` is their name in the message."""
    check_finite(f"{which} b", b)
    for number in w:
        check_finite(f"{which} w", number)


def check_range(name: str, number: int, low: int, high: int) -> None:
    """Raise ProblemError unless low ≤ number ≤ high."""
    if not low <= number <= high:
        raise ProblemError(f"{name} must be from {low:,} to {high:,}, not {number:,}")


def check_finite(
    name: str, number: float, *, at_least: float | None = None, above: float | None = None
) -> None:
    """Raise ProblemError unless a number is finite, and within the bounds that are given."""
    if not math.isfinite(number):
        raise ProblemError(f"{name} must be a finite number, not {number}")
    if at_least is not None and number < at_least:
        raise ProblemError(f"{name} must be at least {at_least:g}, not {number:g}")
    if above is not None and number <= above:
        raise ProblemError(f"{name} must be above {above:g}, not {number:g}")
