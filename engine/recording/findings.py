"""What is wrong with a run, as its recorder found out: each thing once, with its place.

Torch-free. A finding is written when everything it says is known: versions, lines, names and
shapes are those of the run.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, get_type_hints

NOT_FINITE = "not finite"
"""The kind of the finding that says where the first nan or infinity came from."""

GROWTH = "growth"
"""The kind of the finding that says how a loss grew."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in plain sentences, and where."""

    kind: str
    """Which kind of mistake, in one word: `broadcast`, `zeroing`; `error` for what was raised."""
    what: str
    """One sentence that says what PyTorch did, or refused."""
    why: str
    instead: str
    """One sentence that says what to write in its place."""
    line: int
    """The source line to look at, from 1."""
    file: int = 0
    """The index of its file in the recording's `files`."""
    number: int = 0
    """The number, from 0, of the pass in which it was found."""
    moment: int = 0
    """The index of the moment whose line ran when it was found."""

    @property
    def is_error(self) -> bool:
        """Whether it explains an exception, and does not stand for itself."""
        return self.kind == "error"


_KINDS = get_type_hints(Finding)


def finding_of(plain: dict[str, Any]) -> Finding:
    """Return the finding with these fields; raises ValueError where they are not those of one."""
    names = [one.name for one in fields(Finding)]
    if any(type(value) is not _KINDS.get(name) for name, value in plain.items()):
        raise ValueError("no finding")
    try:
        return Finding(**{name: plain[name] for name in names if name in plain})
    except TypeError as error:
        raise ValueError("no finding") from error
