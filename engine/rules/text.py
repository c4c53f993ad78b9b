"""How formulas are put together as text, with parentheses where they are needed and only there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

WORDS, SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(6)
"""The precedence of operators, loosest first."""

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Text(NamedTuple):
    """A piece of formula and how tightly it binds."""

    text: str
    binding: int = ATOM

    def within(self, binding: int) -> str:
        """The text, in parentheses where it binds less tightly than `binding`."""
        return self.text if self.binding >= binding else f"({self.text})"


def dims_text(dims: tuple[int, ...]) -> str:
    """Dimensions as text: `dim 1`, `dims 0, 1`."""
    return ("dim " if len(dims) == 1 else "dims ") + ", ".join(map(str, dims))


def infix(sign: str, binding: int, left: int, right: int) -> Callable[[Text, Text], Text]:
    """`a · b`, in parentheses where an operand binds less tightly than its side asks for."""

    def write(a: Text, b: Text) -> Text:
        text = f"{a.within(left)} {sign} {b.within(right)}"
        return Text(text, NEGATIVE if a.binding == NEGATIVE and binding == PRODUCT else binding)

    return write


def raised(number: int) -> str:
    """A whole number in superscript."""
    return str(number).translate(_SUPERSCRIPT)


def exponent(text: Text, constant: float | complex | None) -> str:
    """`²` for a whole number that is known, else `^exponent`."""
    if isinstance(constant, int | float) and float(constant).is_integer():
        return raised(int(constant))
    return "^" + text.within(ATOM)


def added_dims(kept: Sequence[bool]) -> str:
    """The index that puts back dimensions of size 1, as Python writes it: `[:, None]`.

    Empty where there are none, or where broadcasting puts them in front by itself.
    """
    parts = [":" if here else "None" for here in kept]
    while parts and parts[0] == "None":
        parts.pop(0)
    return "" if "None" not in parts else f"[{', '.join(parts)}]"
