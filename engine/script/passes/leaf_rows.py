"""What a pass leaves in the leaves of a script, as one row of numbers on their own device.

Of small leaves a row has all numbers; of larger ones the norms, and a sample that the change of
the whole is estimated from. Many rows are read at once, so that a GPU is never waited for; where
all are small and in the CPU's memory, the numbers are read at once, which is quicker.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch.autograd.graph import GradientEdge

from engine.autograd.graph import LEAF_OP
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import PLAIN, is_readable, listed
from engine.autograd.shared_gradients import gradient_of
from engine.script.passes.followed_leaf import SAMPLE, Leaf, dense
from engine.script.passes.leaf_columns import Row, columns_of
from engine.script.passes.norms import norms_of
from engine.script.passes.number_memory import number_at

LEAVES_LIMIT = 2_000
"""Most leaves that are followed."""
WALK_LIMIT = 20_000
"""Most nodes that are searched for leaves."""


LeafPlace = tuple[OwnRef, int, int, Any, int, Any]
"""A leaf, how many elements it has, where its number is and where that of its gradient."""


class SmallLeaves(NamedTuple):
    """Leaves of which all numbers are read."""

    leaves: Sequence[tuple[OwnRef, int]]
    """Each with how many elements it has."""
    width: int
    """How many numbers a row of them has, the values and gradients."""

    def places(self) -> list[LeafPlace]:
        """Return them with where in the CPU's memory each is now that has a single number."""
        found = ((ref, size, ref() if size == 1 else None) for ref, size in self.leaves)
        return [
            (ref, size, *number_at(leaf), *number_at(None if leaf is None else gradient_of(leaf)))
            for ref, size, leaf in found
        ]


class LeafRows:
    """Follows leaves, makes rows of them, and columns of rows.

    Call it under `quiet`, and `numbers` where `is_quiet`.
    """

    def __init__(self) -> None:
        self._leaves: dict[str, Leaf] = {}
        self.followed = 0
        """How many times new leaves were found."""
        self._gradients: tuple[list[torch.Tensor], list[torch.Tensor]] | None = None
        """The norms of large gradients, and the small ones, until their norm is asked for."""
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
        self.followed += 1
        for tensor in leaves:
            name = names.get(id(tensor)) or f"leaf {len(self._leaves)}"
            known = self._leaves.get(name)
            self._all_small &= type(tensor) in PLAIN
            if known is not None and known.size == tensor.numel():
                known.ref = OwnRef(tensor)
            elif known is None and len(self._leaves) < LEAVES_LIMIT and is_readable(tensor):
                leaf = Leaf(name, OwnRef(tensor), tensor.numel(), self._width)
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
                gradient = gradient_of(tensor)
                if returned:
                    gradient = returned.get(id(tensor), gradient)
                if type(gradient) is not torch.Tensor or gradient.numel() != leaf.size:
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

    def row(
        self, frame: FrameType | None, returned: Mapping[int, Any], *, asked: bool = False
    ) -> torch.Tensor:
        """The numbers of all leaves now; `returned` has gradients that are in no `.grad`.

        `asked`: whether their `gradient_norm` is asked for next.
        """
        found = [leaf.found(frame, returned) for leaf in self._leaves.values()]
        large = [one for one in found if one is not None and not one[0].small]
        grads = [gradient for _, _, gradient in large if gradient is not None]
        norms = norms_of([*(tensor for _, tensor, _ in large), *grads])
        of_values, of_grads = norms[: len(large)], norms[len(large) :]
        if asked:
            small = [one[2] for one in found if one is not None and one[0].small]
            self._gradients = of_grads.copy(), [one for one in small if one is not None]
        parts: list[torch.Tensor] = []
        for leaf, one in zip(self._leaves.values(), found, strict=True):
            if one is None:
                parts.append(leaf.missing(None))
                continue
            _, tensor, gradient = one
            missing = leaf.missing(tensor)
            if leaf.small:
                parts += tensor, missing if gradient is None else gradient
            else:
                norm = missing[:1] if gradient is None else of_grads.pop(0).reshape(1)
                parts += of_values.pop(0).reshape(1), norm, *_sample(tensor, missing)
        return _joined(parts)

    def gradient_norm(self) -> float | None:
        """The norm of all gradients together, which is waited for; None where there are none.

        Once for each device, however many gradients are on it. Where a row was just made of them,
        by what that has found.
        """
        known, self._gradients = self._gradients, None
        norms, rest = known or ([], self._plain_gradients())
        there = defaultdict[object, list[torch.Tensor]](list)
        for norm in [*norms, *_norms_by_device(rest)]:
            there[norm.device, norm.dtype].append(norm)
        read = chain.from_iterable(torch.stack(some).tolist() for some in there.values())
        return math.hypot(*read) if there else None

    def _plain_gradients(self) -> list[torch.Tensor]:
        tensors = [leaf.ref() for leaf in self._leaves.values()]
        grads = [gradient_of(tensor) for tensor in tensors if tensor is not None]
        return [dense(grad) for grad in grads if type(grad) is torch.Tensor]

    def columns(self, numbers: Sequence[int], rows: Sequence[Row]) -> array[float]:
        """Value, gradient and update of every leaf, as `columns_of` has them."""
        return columns_of([*self._leaves.values()], numbers, rows)

    @property
    def _width(self) -> int:
        last = next(reversed(self._leaves.values()), None)
        return last.start + last.width if last is not None else 0


def _norms_by_device(tensors: Sequence[torch.Tensor]) -> Iterator[torch.Tensor]:
    there = defaultdict[torch.device, list[torch.Tensor]](list)
    for one in tensors:
        there[one.device].append(one)
    for some in there.values():
        yield from norms_of(some)


def leaves_behind(roots: Sequence[torch.Tensor | GradientEdge]) -> Iterable[torch.Tensor]:
    """The leaves behind the roots, as far as the search goes."""
    behind = [root.node if isinstance(root, GradientEdge) else root.grad_fn for root in roots]
    stack = [node for node in behind if node is not None]
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


def _sample(value: torch.Tensor, missing: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Elements from all over a value, and what fills them up to as many as of all others."""
    size = value.numel()
    step = max(size // SAMPLE, 1)
    count = min(-(-size // step), SAMPLE)
    if value.is_contiguous():  # in one call instead of three
        sample = value.as_strided((count,), (step,))
    else:
        sample = value.reshape(-1)[::step][:count]
    left = SAMPLE - count
    return (sample, missing[:left]) if left else (sample,)


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
