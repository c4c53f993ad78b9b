"""Where a line is, and what tensors are called there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import NamedTuple

import torch

from engine.autograd.quiet import address_of, plain_of, requires_grad
from engine.script.frames.own_files import OwnFiles

Scope = Callable[[FrameType | None], Mapping[str, torch.Tensor]]
"""The tensors in scope of a frame, by their names, the best names first."""
SEARCHED = 10_000_000
"""A tensor of more elements is not searched for what is not finite."""


class Place(NamedTuple):
    """A line of the project."""

    line: int
    file: int
    said: str
    """As in a sentence: `line 17`, `model.py line 17`."""
    text: str
    """The line itself."""


class Places:
    """Knows lines and names of a project; `scope` gives the tensors of a frame."""

    def __init__(self, files: OwnFiles, scope: Scope) -> None:
        self.files = files
        self.scope = scope
        self._known: dict[tuple[int, int], Place] = {}

    def here(self, frame: FrameType | None) -> Place | None:
        """Return the innermost line of the user's own; None where there is none."""
        own = self.files.nearest(frame)
        return None if own is None else self.at(own, own.f_lineno)

    def at(self, frame: FrameType, line: int) -> Place:
        """Return a line of the file that a frame runs in."""
        return self.of(line, self.files.index(frame.f_code.co_filename) or 0)

    def of(self, line: int, file: int) -> Place:
        """Return a line of a file by its index."""
        known = self._known.get((line, file))
        if known is not None:
            return known
        lines = self.files.lines(file)
        text = _code(lines[line - 1]) if 0 < line <= len(lines) else ""
        said = f"{self.files.name(file)} line {line}" if file else f"line {line}"
        place = self._known[line, file] = Place(line, file, said, text)
        return place

    def named(self, line: int | None, file: str | None) -> Place | None:
        """Return a line as a note has it, the file by its name; None where it has no line."""
        return None if line is None else self.of(line, self.files.index_of(file))

    def name_of(self, tensor: torch.Tensor, frame: FrameType | None) -> str | None:
        """Return a tensor's name in the scopes from a frame outwards; None where it has none."""
        return self._nearest(frame, lambda one: one is tensor)

    def name_at(self, address: int, frame: FrameType | None) -> str | None:
        """Return the name of a tensor in the memory at an address; None where there is none."""
        return self._nearest(frame, lambda one: address_of(one) == address)

    def named_in(
        self, frame: FrameType | None, is_it: Callable[[torch.Tensor], bool]
    ) -> str | None:
        """Return the name of the tensor that is it, in the scope of a frame alone."""
        return next((name for name, one in self.scope(frame).items() if is_it(one)), None)

    def not_finite(self, frame: FrameType | None) -> list[str]:
        """Return the names of tensors without a history that hold what is not finite.

        Large ones are not looked at; call it under `quiet`.
        """
        found: dict[str, None] = {}
        for scope in self._scopes(frame):
            for name, one in scope.items():
                plain = None if requires_grad(one) else plain_of(one)
                if plain is None or not plain.is_floating_point() or plain.numel() > SEARCHED:
                    continue
                if not torch.isfinite(plain).all():
                    found[name] = None
        return list(found)

    def _nearest(
        self, frame: FrameType | None, is_it: Callable[[torch.Tensor], bool]
    ) -> str | None:
        scopes = (scope.items() for scope in self._scopes(frame))
        return next((name for scope in scopes for name, one in scope if is_it(one)), None)

    def _scopes(self, frame: FrameType | None) -> Iterator[Mapping[str, torch.Tensor]]:
        own = self.files.nearest(frame)
        while own is not None:
            yield self.scope(own)
            own = self.files.nearest(own.f_back)


def _code(line: str) -> str:
    """A source line without what is around it: spaces, and a comment at its end."""
    before, mark, _ = line.partition(" #")
    quoted = before.count('"') % 2 or before.count("'") % 2
    return (before if mark and not quoted else line).strip()
