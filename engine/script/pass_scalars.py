"""The scalars of every backward pass, taken at little cost.

What a pass leaves is copied into one row of numbers on the tensors' own device, and read when a
chunk of rows is written, so that a GPU is never waited for. Of small leaves the row has all
numbers; of larger ones the norms, and a sample that the change of the whole is estimated from.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import FrameType
from typing import Any

import torch

from engine.autograd.graph import LEAF_OP
from engine.recording.journal import Journal
from engine.recording.pass_table import PassChunk, Plain
from engine.recording.plan import Condition

SMALL = 64
"""Leaves of at most so many elements are copied whole."""
SAMPLE = 256
"""Elements of a larger leaf from which its update is estimated."""
LEAVES_LIMIT = 2_000
"""Most leaves that are followed."""
WALK_LIMIT = 20_000
"""Most nodes that are searched for leaves."""
CHUNK = 512
"""Passes are written at least when there are so many."""
DENSE = 100_000
"""From this pass on norms are taken of ever fewer passes: half of them, a quarter, and so on."""

Names = Callable[[FrameType | None], Mapping[str, torch.Tensor]]
Variables = Callable[[FrameType | None], Mapping[str, Plain]]


@dataclass
class _Leaf:
    name: str
    ref: weakref.ref[torch.Tensor]
    size: int
    start: int = 0
    """Where its numbers begin in a row."""
    missing: torch.Tensor | None = None
    """Stands for the gradient where there is none."""

    def __post_init__(self) -> None:
        self.small = self.size <= SMALL
        self.width = 2 * self.size if self.small else 2 + min(self.size, SAMPLE)


@dataclass
class _Rows:
    """Passes that are not written yet."""

    first: int = 0
    losses: list[torch.Tensor | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    variables: list[Mapping[str, Plain]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rows: list[torch.Tensor] = field(default_factory=list)


class PassScalars:
    """Follows the leaves of a script; `names` and `variables` say what a frame has in scope."""

    def __init__(
        self,
        journal: Journal,
        names: Names,
        variables: Variables,
        output: Callable[[], str] = str,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._journal = journal
        self._names = names
        self._variables = variables
        self._output = output
        self._clock = clock
        self._began = clock()
        self._leaves: dict[str, _Leaf] = {}
        self._known: set[int] = set()
        self._rows = _Rows()
        self._lock = threading.Lock()
        self._gradients: list[torch.Tensor] = []

    def before(self, number: int, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """A pass is about to run: keep its loss and the loop variables, find new leaves."""
        root = roots[0]
        loss = root.detach().clone() if root.numel() == 1 and len(roots) == 1 else None
        if number & (number - 1) == 0 or number < 4:
            self._discover(roots, frame)
        self._rows.losses.append(loss)
        self._rows.variables.append(self._variables(frame))

    def after(self, number: int, frame: FrameType | None, returned: Mapping[int, Any]) -> None:
        """A pass has ended; `returned` has what `autograd.grad` gave, by the `id` of the input."""
        rows = self._rows
        if number < DENSE or taken(number):
            rows.rows.append(self._row(frame, returned))
            rows.numbers.append(number)
        rows.seconds.append(self._clock() - self._began)
        if len(rows.seconds) >= CHUNK:
            self.flush()

    def flush(self, *, last: bool = False) -> None:
        """Write the passes that have ended; of the `last` one also the change that followed it."""
        with self._lock, torch._C.DisableTorchFunction(), torch.inference_mode(False):
            rows = self._rows
            count = len(rows.seconds)
            if last and rows.rows:
                rows.rows.append(self._row(None, {}))
                rows.numbers.append(rows.numbers[-1] + 1)
            done = max(len(rows.rows) - 1, 0)
            output = self._output()
            if not count and not output and not (last and done):
                return
            numbers, norms = self._norms(rows.numbers[: done + 1], rows.rows[: done + 1])
            chunk = PassChunk(
                rows.first,
                array("d", _losses(rows.losses[:count])),
                array("d", rows.seconds[:count]),
                tuple(self._leaves),
                array("q", numbers),
                norms,
                _columns(rows.variables[:count]),
                output,
            )
            rows.first += count
            del rows.losses[:count], rows.seconds[:count], rows.variables[:count]
            del rows.numbers[:done], rows.rows[:done]
            self._journal.add_passes(chunk)

    def loss_now(self) -> float | None:
        """The loss of the pass that is about to run, waiting for it; None without one."""
        loss = self._rows.losses[-1] if self._rows.losses else None
        return None if loss is None else float(loss.float())

    def met_by_gradients(self, when: Iterable[Condition]) -> bool:
        """Whether a condition on the gradients of the pass that has just run is met."""
        conditions = [one for one in when if one.kind in ("nonfinite", "grad")]
        if not conditions:
            return False
        tensors = [leaf.ref() for leaf in self._leaves.values()]
        grads = [t.grad.detach() for t in tensors if t is not None and t.grad is not None]
        if not grads:
            return False
        norm = math.hypot(*(float(n) for n in torch.stack(_norms(grads)).tolist()))
        return any(one.met_by_gradient(norm) for one in conditions)

    def _discover(self, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """Follow the leaves behind the roots that are not followed yet."""
        new = [leaf for leaf in _leaves(roots) if id(leaf) not in self._known]
        if not new:
            return
        names = {id(tensor): name for name, tensor in reversed(list(self._names(frame).items()))}
        with self._lock:
            for tensor in new:
                name = names.get(id(tensor)) or f"leaf {len(self._leaves)}"
                self._follow(name, tensor)

    def _follow(self, name: str, tensor: torch.Tensor) -> None:
        """Give a leaf its columns, those that the leaf of that name had before where it fits."""
        self._known.add(id(tensor))
        known = self._leaves.get(name)
        if known is not None and known.size == tensor.numel():
            known.ref = weakref.ref(tensor)
        elif known is None and len(self._leaves) < LEAVES_LIMIT:
            self._new_columns(_Leaf(name, weakref.ref(tensor), tensor.numel()))

    def _new_columns(self, leaf: _Leaf) -> None:
        start = sum(one.width for one in self._leaves.values())
        leaf.start = start
        self._leaves[leaf.name] = leaf
        tensor = leaf.ref()
        rows = self._rows.rows
        if rows and tensor is not None:  # rows of before lack the new columns
            nothing = torch.full(
                (leaf.width,), math.nan, dtype=rows[0].dtype, device=rows[0].device
            )
            self._rows.rows = [torch.cat([row, nothing]) for row in rows]

    def _row(self, frame: FrameType | None, returned: Mapping[int, Any]) -> torch.Tensor:
        parts: list[torch.Tensor] = []
        for leaf in self._leaves.values():
            tensor = leaf.ref()
            if tensor is None:
                tensor = self._again(leaf, frame)
                if tensor is None:
                    parts.append(self._missing(leaf, None))
                    continue
            gradient = tensor.grad
            if returned:
                gradient = returned.get(id(tensor), gradient)
            if leaf.small:
                parts.append(tensor.detach())
                parts.append(self._missing(leaf, tensor) if gradient is None else _dense(gradient))
            else:
                parts += _large(tensor.detach(), gradient, self._missing(leaf, tensor))
        return _joined(parts)

    def _missing(self, leaf: _Leaf, tensor: torch.Tensor | None) -> torch.Tensor:
        """Stands for the gradient of a leaf, or for all of a leaf that is gone."""
        if leaf.missing is None:
            device = torch.device("cpu") if tensor is None else tensor.device
            leaf.missing = torch.full((leaf.width,), math.nan, device=device)
        return leaf.missing if tensor is None else leaf.missing[: leaf.size]

    def _again(self, leaf: _Leaf, frame: FrameType | None) -> torch.Tensor | None:
        """The tensor that the leaf's variable holds now, where the one that was there is gone."""
        while frame is not None:
            tensor = frame.f_locals.get(leaf.name)
            if type(tensor) is torch.Tensor:
                if tensor.is_leaf and tensor.requires_grad and tensor.numel() == leaf.size:
                    leaf.ref = weakref.ref(tensor)
                    return tensor
                return None
            frame = frame.f_back if frame.f_code.co_name != "<module>" else None
        return None

    def _norms(
        self, numbers: list[int], rows: list[torch.Tensor]
    ) -> tuple[list[int], array[float]]:
        """The columns of all rows but the last one, which tells what the one before led to."""
        if len(rows) < 2:
            return [], array("f")
        table = (
            torch.stack([row.to("cpu", torch.float64) for row in rows])
            if _mixed(rows)
            else (torch.stack(rows).to("cpu", torch.float64))
        )
        columns: list[torch.Tensor] = []
        for leaf in self._leaves.values():
            columns += _leaf_columns(leaf, table[:, leaf.start : leaf.start + leaf.width])
        block = torch.stack(columns, dim=1) if columns else table[:-1, :0]
        following = torch.tensor([b == a + 1 for a, b in pairwise(numbers)])
        block[~following, 2::3] = math.nan
        wanted = [i for i, number in enumerate(numbers[:-1]) if kept(number)]
        return [numbers[i] for i in wanted], array("f", block[wanted].reshape(-1).tolist())


def kept(number: int) -> bool:
    """Whether the norms of a pass are kept: of all at first, then of ever fewer."""
    stride: int = 1 << (number // DENSE).bit_length()
    return number < DENSE or number % stride == 0


def taken(number: int) -> bool:
    """Whether a pass is read: to be kept, or to tell how it changed what a kept one left."""
    return kept(number) or kept(number - 1)


def _leaf_columns(leaf: _Leaf, part: torch.Tensor) -> list[torch.Tensor]:
    """Value, gradient and update of one leaf, for all rows but the last."""
    if leaf.small:
        value, gradient = part[:, : leaf.size], part[:, leaf.size :]
        change = value[1:] - value[:-1]
        if leaf.size == 1:
            return [value[:-1, 0], gradient[:-1, 0], change[:, 0]]
        return [torch.linalg.vector_norm(one, dim=1) for one in (value[:-1], gradient[:-1], change)]
    sample = part[:, 2:]
    scale = math.sqrt(leaf.size / sample.shape[1])
    change = torch.linalg.vector_norm(sample[1:] - sample[:-1], dim=1) * scale
    return [part[:-1, 0], part[:-1, 1], change]


def _large(
    value: torch.Tensor, gradient: torch.Tensor | None, missing: torch.Tensor
) -> list[torch.Tensor]:
    """Both norms and a sample of the value."""
    flat = value.reshape(-1)
    stride = max(flat.numel() // SAMPLE, 1)
    norms = [value] if gradient is None else [value, _dense(gradient)]
    parts = [norm.reshape(1) for norm in _norms(norms)]
    return [*parts, *([missing[:1]] if gradient is None else []), flat[::stride][:SAMPLE]]


def _norms(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.linalg.vector_norm(one, dtype=_wide(one)) for one in tensors]


def _wide(tensor: torch.Tensor) -> torch.dtype | None:
    """Norms of 16-bit numbers overflow soon."""
    return torch.float32 if tensor.dtype in (torch.float16, torch.bfloat16) else None


def _dense(gradient: torch.Tensor) -> torch.Tensor:
    if gradient.requires_grad:
        gradient = gradient.detach()
    return gradient.to_dense() if gradient.is_sparse else gradient


def _joined(parts: list[torch.Tensor]) -> torch.Tensor:
    """One row of the parts, whatever their shapes; complex numbers by their absolute value."""
    flat = [part if part.dim() == 1 else part.reshape(-1) for part in parts]
    try:
        row = torch.cat(flat)
    except RuntimeError:  # on several devices
        row = torch.cat([part.cpu() for part in flat])
    return row.abs() if row.is_complex() else row


def _mixed(rows: list[torch.Tensor]) -> bool:
    first = rows[0]
    return any(row.dtype != first.dtype or row.device != first.device for row in rows)


def _leaves(roots: Sequence[torch.Tensor]) -> Iterable[torch.Tensor]:
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


def _losses(losses: list[torch.Tensor | None]) -> list[float]:
    values = [loss.reshape(()).double() for loss in losses if loss is not None]
    numbers = iter(torch.stack([value.cpu() for value in values]).tolist() if values else ())
    return [math.nan if loss is None else next(numbers) for loss in losses]


def _columns(
    variables: list[Mapping[str, Plain]],
) -> tuple[tuple[str, tuple[Plain | None, ...]], ...]:
    names = dict.fromkeys(name for one in variables for name in one)
    return tuple((name, tuple(one.get(name) for one in variables)) for name in names)
