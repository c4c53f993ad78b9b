"""What a pass leaves in the leaves of a script, as one row of numbers on their own device.

Of small leaves a row has all numbers; of larger ones the norms, and a sample that the change of
the whole is estimated from. Many rows are read at once, so that a GPU is never waited for; where
all are small and in the CPU's memory, the numbers are read at once, which is quicker.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from ctypes import string_at
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from types import FrameType
from typing import Any, NamedTuple

import torch

from engine.autograd.graph import LEAF_OP
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import PLAIN, is_readable, listed, plain_of
from engine.script.frame_variables import variables_of
from engine.script.norms import norms_of

Row = torch.Tensor | list[float]
"""The numbers of all leaves after a pass; a matrix has those of several."""

SMALL = 64
"""Leaves of at most so many elements are copied whole."""
SAMPLE = 256
"""Elements of a larger leaf from which its update is estimated."""
LEAVES_LIMIT = 2_000
"""Most leaves that are followed."""
WALK_LIMIT = 20_000
"""Most nodes that are searched for leaves."""


@dataclass
class _Leaf:
    name: str
    ref: OwnRef
    size: int
    start: int
    """Where its numbers begin in a row."""
    missing: torch.Tensor | None = None
    """Stands for the gradient where there is none."""

    def __post_init__(self) -> None:
        self.small = self.size <= SMALL
        self.width = 2 * self.size if self.small else 2 + SAMPLE


class SmallLeaves(NamedTuple):
    """Leaves of which all numbers are read."""

    leaves: Sequence[tuple[OwnRef, int]]
    """Each with how many elements it has."""
    width: int
    """How many numbers a row of them has, the values and gradients."""


class LeafRows:
    """Follows leaves, makes rows of them, and columns of rows.

    Call it under `quiet`, and `numbers` where `is_quiet`.
    """

    def __init__(self) -> None:
        self._leaves: dict[str, _Leaf] = {}
        self._all_small = True
        """Whether all are small and plain, so that their numbers may be read at once."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the leaves, in the order of their columns."""
        return tuple(self._leaves)

    def named(self) -> dict[int, str]:
        """The names of the leaves that are there, by `id`."""
        refs = ((name, leaf.ref()) for name, leaf in self._leaves.items())
        return {id(tensor): name for name, tensor in refs if tensor is not None}

    def unknown(self, roots: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The leaves behind the roots that are not followed yet."""
        known = {id(leaf.ref()) for leaf in self._leaves.values()}
        return [leaf for leaf in leaves_behind(roots) if id(leaf) not in known]

    def follow(self, leaves: Iterable[torch.Tensor], names: Mapping[int, str]) -> None:
        """Follow leaves by their names, which are given by `id`.

        One takes the columns over that a leaf of the same name and size had; others come last.
        """
        for tensor in leaves:
            name = names.get(id(tensor)) or f"leaf {len(self._leaves)}"
            known = self._leaves.get(name)
            self._all_small &= type(tensor) in PLAIN
            if known is not None and known.size == tensor.numel():
                known.ref = OwnRef(tensor)
            elif known is None and len(self._leaves) < LEAVES_LIMIT and is_readable(tensor):
                leaf = _Leaf(name, OwnRef(tensor), tensor.numel(), self._width)
                self._leaves[name] = leaf
                self._all_small &= leaf.small

    def numbers(self, returned: Mapping[int, Any]) -> list[float] | None:
        """As `row`, read at once; None where `row` must be asked."""
        if not self._all_small:
            return None
        numbers: list[float] = []
        try:
            for leaf in self._leaves.values():
                tensor = leaf.ref()
                if tensor is None or not tensor.is_cpu or tensor.is_complex():
                    return None  # it may have been moved, or be another one of its name
                if tensor.numel() != leaf.size or not tensor.data_ptr():
                    return None
                gradient = tensor.grad
                if returned:
                    gradient = returned.get(id(tensor), gradient)
                if type(gradient) is not torch.Tensor:
                    return None
                numbers += listed(tensor.detach().reshape(-1))
                numbers += listed(gradient.detach().reshape(-1))
        except RuntimeError:
            return None
        return numbers

    def small(self) -> SmallLeaves | None:
        """The leaves, if all numbers of all of them are in a row; None otherwise."""
        if not self._all_small:
            return None
        return SmallLeaves([(leaf.ref, leaf.size) for leaf in self._leaves.values()], self._width)

    def row(self, frame: FrameType | None, returned: Mapping[int, Any]) -> torch.Tensor:
        """The numbers of all leaves now; `returned` has gradients that are in no `.grad`."""
        found = [_found(leaf, frame, returned) for leaf in self._leaves.values()]
        large = [one for one in found if one is not None and not one[0].small]
        grads = [gradient for _, _, gradient in large if gradient is not None]
        norms = iter(norms_of([*(tensor for _, tensor, _ in large), *grads]))
        of_values = [next(norms) for _ in large]
        parts: list[torch.Tensor] = []
        for leaf, one in zip(self._leaves.values(), found, strict=True):
            if one is None:
                parts.append(_missing(leaf, None))
                continue
            _, tensor, gradient = one
            missing = _missing(leaf, tensor)
            if leaf.small:
                parts += tensor, missing if gradient is None else gradient
            else:
                norm = missing[:1] if gradient is None else next(norms).reshape(1)
                parts += of_values.pop(0).reshape(1), norm, *_sample(tensor, missing)
        return _joined(parts)

    def gradient_norm(self) -> float | None:
        """The norm of all gradients together, which is waited for; None where there are none.

        Once for each device, however many gradients are on it.
        """
        tensors = [leaf.ref() for leaf in self._leaves.values()]
        grads = [t.grad for t in tensors if t is not None and t.grad is not None]
        plain = [_dense(grad) for grad in grads if type(grad) is torch.Tensor]
        there = defaultdict[torch.device, list[torch.Tensor]](list)
        for grad in plain:
            there[grad.device].append(grad)
        norms = ([norm.double() for norm in norms_of(some)] for some in there.values())
        read = chain.from_iterable(torch.stack(some).tolist() for some in norms)
        return math.hypot(*read) if plain else None

    def columns(self, numbers: Sequence[int], rows: Sequence[Row]) -> array[float]:
        """Value, gradient and update of every leaf, for all rows but the last.

        The last row tells what the one before it led to. `numbers` are those of the passes; an
        update is known where the next pass follows at once.
        """
        if len(numbers) < 2 or not self._leaves:
            return array("f")
        table = self._table(rows)
        columns: list[torch.Tensor] = []
        for leaf in self._leaves.values():
            columns += _leaf_columns(leaf, table[:, leaf.start : leaf.start + leaf.width])
        block = torch.stack(columns, dim=1)
        if numbers[-1] - numbers[0] >= len(numbers):
            following = torch.tensor([after == before + 1 for before, after in pairwise(numbers)])
            block[~following, 2::3] = math.nan
        return _array(block)

    @property
    def _width(self) -> int:
        last = next(reversed(self._leaves.values()), None)
        return last.start + last.width if last is not None else 0

    def _table(self, rows: Sequence[Row]) -> torch.Tensor:
        """The rows one below the other, on the CPU in float64; short ones filled up with nan.

        Those that follow each other and are alike are read from their device at once.
        """
        blocks = [_block([*group]) for _, group in groupby(rows, _like)]
        if len(blocks) == 1 and blocks[0].shape[1] == self._width:
            return blocks[0]
        table = torch.full((sum(map(len, blocks)), self._width), math.nan, dtype=torch.float64)
        done = 0
        for block in blocks:
            table[done : done + len(block), : block.shape[1]] = block
            done += len(block)
        return table


def _like(row: Row) -> object:
    if isinstance(row, list):
        return len(row)
    return (row.shape, row.dtype, row.device) if row.dim() == 1 else id(row)


def _block(rows: Sequence[Row]) -> torch.Tensor:
    """Rows that are alike, one below the other, on the CPU in float64."""
    tensors = [row for row in rows if isinstance(row, torch.Tensor)]
    if tensors:
        table = tensors[0] if tensors[0].dim() > 1 else torch.stack(tensors)
        return table.to("cpu", torch.float64)
    flat = array("d", chain.from_iterable(rows))
    if not flat:
        return torch.empty(len(rows), 0)
    return torch.frombuffer(flat, dtype=torch.float64).reshape(len(rows), -1)


def _array(block: torch.Tensor) -> array[float]:
    """The numbers one after the other, in half the width."""
    narrow = block.float().contiguous()
    numbers = array("f")
    numbers.frombytes(string_at(narrow.data_ptr(), narrow.nbytes))
    return numbers


def leaves_behind(roots: Sequence[torch.Tensor]) -> Iterable[torch.Tensor]:
    """The leaves behind the roots, as far as the search goes."""
    stack = [root.grad_fn for root in roots if root.grad_fn is not None]
    seen = set(stack)
    found: list[torch.Tensor] = []
    while stack and len(seen) < WALK_LIMIT:
        node: Any = stack.pop()
        if type(node).__name__ == LEAF_OP:
            found.append(node.variable)
        for source, _ in node.next_functions:
            if source is not None and source not in seen:
                seen.add(source)
                stack.append(source)
    return reversed(found)


def _again(leaf: _Leaf, frame: FrameType | None) -> torch.Tensor | None:
    """The tensor that the leaf's variable holds now, where the one that was there is gone."""
    while frame is not None:
        tensor = variables_of(frame).get(leaf.name)
        if type(tensor) is torch.Tensor:
            if tensor.is_leaf and tensor.requires_grad and tensor.numel() == leaf.size:
                leaf.ref = OwnRef(tensor)
                return tensor
            return None
        frame = frame.f_back if frame.f_code.co_name != "<module>" else None
    return None


def _missing(leaf: _Leaf, tensor: torch.Tensor | None) -> torch.Tensor:
    """Stands for the gradient of a leaf, or for all of a leaf that is gone."""
    if leaf.missing is None:
        device = torch.device("cpu") if tensor is None else tensor.device
        leaf.missing = torch.full((leaf.width,), math.nan, device=device)
    return leaf.missing if tensor is None else leaf.missing[: leaf.size]


def _found(
    leaf: _Leaf, frame: FrameType | None, returned: Mapping[int, Any]
) -> tuple[_Leaf, torch.Tensor, torch.Tensor | None] | None:
    """The leaf's tensor and gradient as they are now; None where it is gone, or its memory is."""
    tensor = leaf.ref()
    if tensor is None:
        tensor = _again(leaf, frame)
    if tensor is None or tensor.numel() != leaf.size or not is_readable(tensor):
        return None
    gradient = tensor.grad
    if returned:
        gradient = returned.get(id(tensor), gradient)
    if gradient is not None and type(gradient) is not torch.Tensor:
        gradient = plain_of(gradient)
    return leaf, tensor.detach(), None if gradient is None else _dense(gradient)


def _sample(value: torch.Tensor, missing: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Elements from all over a value, and what fills them up to as many as of all others."""
    flat = value.reshape(-1)
    sample = flat[:: max(flat.numel() // SAMPLE, 1)][:SAMPLE]
    left = SAMPLE - len(sample)
    return (sample, missing[:left]) if left else (sample,)


def _leaf_columns(leaf: _Leaf, part: torch.Tensor) -> list[torch.Tensor]:
    """Value, gradient and update of one leaf, for all rows but the last."""
    if leaf.small:
        value, gradient = part[:, : leaf.size], part[:, leaf.size :]
        change = value[1:] - value[:-1]
        if leaf.size == 1:
            return [value[:-1, 0], gradient[:-1, 0], change[:, 0]]
        return [torch.linalg.vector_norm(one, dim=1) for one in (value[:-1], gradient[:-1], change)]
    sample = part[:, 2 : 2 + min(leaf.size, SAMPLE)]
    scale = math.sqrt(leaf.size / sample.shape[1])
    change = torch.linalg.vector_norm(sample[1:] - sample[:-1], dim=1) * scale
    return [part[:-1, 0], part[:-1, 1], change]


def _dense(gradient: torch.Tensor) -> torch.Tensor:
    if gradient.requires_grad:
        gradient = gradient.detach()
    return gradient.to_dense() if gradient.is_sparse else gradient


def _joined(parts: list[torch.Tensor]) -> torch.Tensor:
    """One row of the parts, whatever their shapes; complex numbers by their absolute value."""
    flat = [part if part.dim() == 1 else part.reshape(-1) for part in parts]
    if not flat:
        return torch.empty(0)
    try:
        row = torch.cat(flat)
    except RuntimeError:  # on several devices: to one that need not be waited for
        device = next((part.device for part in flat if not part.is_cpu), torch.device("cpu"))
        row = torch.cat([part.to(device, non_blocking=True) for part in flat])
    return row.abs() if row.is_complex() else row
