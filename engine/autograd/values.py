"""Torch-free pictures of tensors, and the one way their numbers are written.

Everything the engine hands out is made of these records, so a screen can show a tensor, and
a test can construct one, without torch. `tensor_reader` makes them from live tensors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.quick_records import quickly_made

Number = float | int | bool | complex
"""One element of a tensor, as Python's own number."""

Plain = str | Number | tuple["Plain", ...] | None
"""Anything an autograd node saves besides tensors: exponents, dimensions, sizes, flags."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Summary:
    """Statistics over the finite elements of a tensor too large to be kept whole."""

    norm: float
    """Euclidean norm, computed in float64."""
    minimum: float
    maximum: float
    mean: float
    non_finite: int
    """The number of elements that are nan or infinite."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Value:
    """The numbers of one tensor at one moment: all of them, or a corner and a summary."""

    shape: tuple[int, ...]
    dtype: str
    """The name of the dtype, without the `torch.` in front: `float32`."""
    numbers: tuple[Number, ...]
    """The elements of the corner, in row-major order."""
    corner: tuple[int, ...]
    """Shape of `numbers`: the first so many along every dimension; `shape` where it is whole."""
    summary: Summary | None = None
    """Statistics of all elements; None where the value is whole."""

    @property
    def whole(self) -> bool:
        """Whether every element is present."""
        return self.corner == self.shape

    @property
    def non_finite(self) -> int:
        """The number of elements that are nan or infinite."""
        if self.summary is not None:
            return self.summary.non_finite
        return sum(not finite(number) for number in self.numbers)

    @property
    def is_zero(self) -> bool:
        """Whether every element is known to be zero."""
        if self.summary is not None:
            return self.summary.norm == 0 and not self.non_finite
        return self.whole and not any(self.numbers)


@quickly_made
@dataclass(frozen=True, slots=True)
class TensorView:
    """A torch-free picture of one named tensor at one moment."""

    name: str
    value: Value
    device: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    """Class name of the backward node, as in `MulBackward0`; None for a leaf."""
    grad: Value | None
    version: int
    """Autograd's version counter: how many in-place changes it has seen."""
    storage: int
    """The same number for all tensors of one recording that share memory."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes along the dimensions, `()` for a scalar."""
        return self.value.shape

    @property
    def dtype(self) -> str:
        """Element type without the `torch.` in front."""
        return self.value.dtype


def finite(number: Number) -> bool:
    """Whether a number is neither nan nor infinite."""
    if isinstance(number, complex):
        return math.isfinite(number.real) and math.isfinite(number.imag)
    return math.isfinite(number)


def number_text(number: Number, digits: int = 4) -> str:
    """A number in at most `digits` significant digits, integers whole: `0.75`, `3`, `1.2e-05`."""
    if isinstance(number, bool | int):
        return str(number)
    return f"{number:.{digits}g}"


def value_text(value: Value, digits: int = 4) -> str:
    """All on one line as nested brackets, `[[2, 3], [4, 5]]`; an ellipsis where cut short."""
    texts = [number_text(number, digits) for number in value.numbers]
    return _nested(texts, value.corner, value.shape)


def shape_text(shape: Sequence[int]) -> str:
    """The sizes with crosses between, `50×1`; `scalar` for none."""
    return "×".join(map(str, shape)) or "scalar"


def plain_text(plain: Plain, digits: int = 4) -> str:
    """A saved non-tensor: numbers like `number_text`, tuples in brackets, the rest as Python."""
    if isinstance(plain, tuple):
        return "[" + ", ".join(plain_text(part, digits) for part in plain) + "]"
    if plain is None or isinstance(plain, str):
        return str(plain)
    return number_text(plain, digits)


def _nested(texts: Sequence[str], corner: Sequence[int], shape: Sequence[int]) -> str:
    if not corner:
        return texts[0] if texts else "…"
    count = corner[0]
    size = math.prod(corner[1:])
    parts = [_nested(texts[i * size : (i + 1) * size], corner[1:], shape[1:]) for i in range(count)]
    if count < shape[0]:
        parts.append("…")
    return "[" + ", ".join(parts) + "]"
