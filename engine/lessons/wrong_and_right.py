"""A mistake beside what is right: two texts that differ in nothing but that.

What is right stands in a file of the mistake's name in the folder `right`; what is wrong is the
mistake's own text up to where it says what would be right.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

RIGHT = "# Right"
"""What the first line of a mistake begins with that is right."""


class WrongAndRight(NamedTuple):
    """The texts of a mistake, and of the same without it."""

    wrong: str
    right: str


def right_path(mistake: Path) -> Path:
    """Return where the text is that is right, if there is one for that mistake."""
    return mistake.parent / "right" / mistake.name


def wrong_and_right(mistake: Path) -> WrongAndRight | None:
    """Return both texts for the file of a mistake; None where there is nothing to compare."""
    right = right_path(mistake)
    if not right.is_file():
        return None
    lines = mistake.read_text(encoding="utf-8").splitlines()
    ends = (number for number, line in enumerate(lines) if line.startswith(RIGHT))
    wrong = "\n".join(lines[: next(ends, len(lines))]).rstrip() + "\n"
    return WrongAndRight(wrong, right.read_text(encoding="utf-8"))
