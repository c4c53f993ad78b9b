"""The loop variables around a line: `epoch 3, i 17`, as the script itself would print them.

Only plain numbers and short strings are read, so that none of the script's code runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch

from engine.recording.pass_chunk import Plain
from engine.script.frames.frame_variables import variables_of
from engine.script.frames.loop_counters import LoopCounters
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.untouched import attributes, is_a

TEXT_LIMIT = 40
"""Most characters of a string that is shown."""
FRAMES_LIMIT = 50
"""Most frames that are looked at, from the innermost."""


_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of a source file."""

    first: int
    last: int
    targets: tuple[str, ...]
    """The names it counts with, as `i` and `self.epoch`."""
    iterated: ast.expr | None
    """What a `for` goes over."""


class _Around:
    """The loops around an instruction of a function, outermost first."""

    def __init__(self, code: CodeType, loops: tuple[Loop, ...], *, is_script: bool) -> None:
        self.code = code
        self.loops = loops
        self.names = tuple(name for loop in loops for name in loop.targets)
        self.is_outermost = is_script and code.co_name == "<module>"


class LoopVariables:
    """Finds the loops of a project's files, and reads their variables off running frames."""

    def __init__(self, files: OwnFiles) -> None:
        self._files = files
        self._in_files: dict[int, tuple[Loop, ...]] = {}
        """The loops of files, by the files' indexes."""
        self._known: dict[tuple[int, int], _Around] = {}
        """By the `id` of a code, which is kept, and the place of an instruction in it."""

    def around(self, frame: FrameType | None) -> dict[str, Plain]:
        """The variables of all loops around a frame's line and its callers', outermost first."""
        if frame is not None:
            # Most loops are in the script itself, where nothing is further out.
            known = self._known.get((id(frame.f_code), frame.f_lasti))
            if known is not None and known.is_outermost:
                return _plain(variables_of(frame), known.names)
        found: dict[str, Plain] = {}
        for one, around in self._frames(frame):
            if around.names:
                outer = _plain(variables_of(one), around.names)
                found = {**outer, **found} if found else outer
        return found

    def counters(self, frame: FrameType | None) -> LoopCounters | None:
        """What reads the same variables of frames in the same place; None: not all are numbers."""
        frames = self._frames(frame)
        if not frames or not frames[-1][1].is_outermost:
            return None
        places = [(one.f_code, one.f_lasti, around.names) for one, around in frames]
        counters = LoopCounters(places, self.around(frame))
        return counters if counters.are_numbers else None

    def outermost(self, frame: FrameType | None) -> tuple[FrameType, Loop] | None:
        """The outermost loop around a frame's line and its callers', and the frame it is of."""
        found = None
        for one, around in self._frames(frame):
            if around.loops:
                found = one, around.loops[0]
        return found

    def _frames(self, frame: FrameType | None) -> list[tuple[FrameType, _Around]]:
        """The frames that run, innermost first, up to the script's own, with their loops."""
        frames: list[tuple[FrameType, _Around]] = []
        while frame is not None and len(frames) < FRAMES_LIMIT:
            # Neither the hash of a code nor the number of a line is had as quickly.
            key = id(frame.f_code), frame.f_lasti
            around = self._known.get(key) or self._around(key, frame)
            frames.append((frame, around))
            if around.is_outermost:
                break
            frame = frame.f_back
        return frames

    def _around(self, key: tuple[int, int], frame: FrameType) -> _Around:
        code, line = frame.f_code, frame.f_lineno
        index = self._files.index(code.co_filename)
        loops: tuple[Loop, ...] = ()
        if index is not None:
            loops = tuple(
                loop
                for loop in self._loops(index)
                if code.co_firstlineno <= loop.first <= line <= loop.last
            )
        around = self._known[key] = _Around(code, loops, is_script=index == 0)
        return around

    def _loops(self, index: int) -> tuple[Loop, ...]:
        if index not in self._in_files:
            self._in_files[index] = _loops(self._files.nodes(index))
        return self._in_files[index]


def _plain(variables: Mapping[str, object], names: Iterable[str]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name in names:
        value: Any = variables.get(name) if "." not in name else _held(variables, name)
        kind = type(value)
        if (
            kind is int
            or kind is float
            or kind is bool
            or (kind is str and len(value) <= TEXT_LIMIT)
        ):
            found[name] = value
    return found


def _held(variables: Mapping[str, object], dotted: str) -> object:
    """What an object in a variable holds; None where that takes more than a look."""
    first, *parts = dotted.split(".")
    value = variables.get(first)
    for part in parts:
        if is_a(value, torch.Tensor):  # which would be given a `__dict__` by being asked for it
            return None
        value = attributes(value).get(part)
    return value


def _loops(nodes: Iterable[ast.AST]) -> tuple[Loop, ...]:
    """Every loop among them; outer ones first."""
    loops = [
        Loop(
            node.lineno,
            node.end_lineno or node.lineno,
            tuple(_targets(node)),
            None if isinstance(node, ast.While) else node.iter,
        )
        for node in nodes
        if isinstance(node, _LOOPS)
    ]
    return tuple(sorted(loops, key=lambda loop: (loop.first, -loop.last)))


def _targets(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[str]:
    """The names a `for` binds, and those that a `while` compares."""
    return _names(loop.test if isinstance(loop, ast.While) else loop.target)


def _names(node: ast.AST) -> Iterator[str]:
    dotted = _dotted(node)
    if dotted:
        yield dotted
    else:
        for part in ast.iter_child_nodes(node):
            yield from _names(part)


def _dotted(node: ast.AST) -> str:
    """The name as it is written; empty where it is none."""
    if isinstance(node, ast.Attribute):
        first = _dotted(node.value)
        return f"{first}.{node.attr}" if first else ""
    return node.id if isinstance(node, ast.Name) else ""
