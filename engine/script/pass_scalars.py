"""The scalars of every backward pass: kept where they are until a chunk of passes is written."""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch

from engine.autograd.quiet import is_quiet, plain_of, quick_number, quiet
from engine.recording.journal import Journal
from engine.recording.pass_plan import Condition
from engine.recording.pass_table import COLUMNS, PassChunk, Plain
from engine.script.leaf_rows import LeafRows, Row

CHUNK = 4096
"""Passes are written at least when there are so many."""
DENSE = 100_000
"""From this pass on norms are kept of ever fewer passes: half of them, a quarter, and so on."""

Names = Callable[[FrameType | None], Mapping[str, torch.Tensor]]
Variables = Callable[[FrameType | None], Mapping[str, Plain]]
Loss = torch.Tensor | float | None


@dataclass
class _Unwritten:
    """Passes that are not written yet."""

    first: int = 0
    losses: list[Loss] = field(default_factory=list)
    variables: list[Mapping[str, Plain]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """The numbers of the passes that the rows are of."""


class PassScalars:
    """Takes the scalars of a script's passes.

    `names` and `variables` say what a frame has in scope, `output` what was printed since;
    `leaves` follows the leaves.
    """

    def __init__(
        self,
        journal: Journal,
        names: Names,
        variables: Variables,
        output: Callable[[], str] = str,
        leaves: LeafRows | None = None,
    ) -> None:
        self._journal = journal
        self._names = names
        self._variables = variables
        self._output = output
        self.loops: Mapping[str, Plain] = {}
        """The loop variables of the pass that ended last."""
        self.seen: Callable[[PassChunk], object] = lambda chunk: None
        """Is given every chunk that is written."""
        self._leaves = leaves or LeafRows()
        self._unwritten = _Unwritten()
        self._lock = threading.Lock()
        self._begun: tuple[Loss, Mapping[str, Plain]] = None, {}
        """The loss and the loop variables of the pass that runs."""

    def before(self, number: int, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """A pass is about to run: keep its loss and the loop variables, find new leaves."""
        self._begun = _loss(roots), {}
        self._begun = self._begun[0], self._variables(frame)
        if number & (number - 1) == 0 or number < 4:
            with quiet():
                self._find_leaves(roots, frame)

    def _find_leaves(self, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        new = self._leaves.unknown(roots)
        if new:
            named = reversed(list(self._names(frame).items()))
            with self._lock:
                self._leaves.follow(new, {id(tensor): name for name, tensor in named})

    def after(self, number: int, frame: FrameType | None, returned: Mapping[int, Any]) -> None:
        """A pass has ended; `returned` has what `autograd.grad` gave, by the `id` of the input."""
        passes = self._unwritten
        # Another thread may write at any time: what it counts by comes last.
        (loss, variables), self._begun = self._begun, (None, {})
        self.loops = variables
        passes.losses.append(loss)
        passes.variables.append(variables)
        if number < DENSE or taken(number):
            passes.rows.append(self._row(frame, returned))
            passes.numbers.append(number)
        if len(passes.variables) >= CHUNK:
            self.flush()

    def _row(self, frame: FrameType | None, returned: Mapping[int, Any]) -> Row:
        numbers = self._leaves.numbers(returned) if is_quiet() else None
        if numbers is not None:
            return numbers
        with quiet():
            return self._leaves.row(frame, returned)

    def flush(self, *, last: bool = False) -> None:
        """Write the passes that have ended; of the `last` one also the change that followed it."""
        with self._lock, quiet(), torch.inference_mode(False):
            passes = self._unwritten
            count = len(passes.variables)
            if last and passes.numbers:
                passes.rows.append(self._row(None, {}))
                passes.numbers.append(passes.numbers[-1] + 1)
            done = max(len(passes.numbers) - 1, 0)
            output = self._output()
            if not count and not output and not (last and done):
                return
            try:
                numbers, norms = self._norms(done)
            except Exception as error:  # else the same rows would fail again, and ever more of them
                self._journal.note(f"norms could not be read: {type(error).__name__}")
                numbers, norms = array("q"), array("f")
            chunk = PassChunk(
                passes.first,
                array("d", _losses(passes.losses[:count])),
                self._leaves.names,
                numbers,
                norms,
                _columns(passes.variables[:count]),
                output,
                tuple(at for at, loss in enumerate(passes.losses[:count]) if loss is None),
            )
            passes.first += count
            del passes.losses[:count], passes.variables[:count]
            del passes.rows[:done], passes.numbers[:done]
            self._journal.add_passes(chunk)
            self.seen(chunk)

    def met_by_loss(self, when: Iterable[Condition]) -> bool:
        """Whether a condition on the loss of the pass that is about to run is met.

        Waits for the loss, where there is such a condition.
        """
        conditions = [one for one in when if one.kind in ("nonfinite", "loss")]
        loss = self._begun[0]
        if loss is None or not conditions:
            return False
        if isinstance(loss, torch.Tensor):
            with quiet():
                loss = _real(loss)
        return any(one.met_by_loss(loss) for one in conditions)

    def met_by_gradients(self, when: Iterable[Condition]) -> bool:
        """Whether a condition on the gradients of the pass that has just run is met."""
        conditions = [one for one in when if one.kind in ("nonfinite", "grad")]
        if not conditions:
            return False
        with quiet():
            norm = self._leaves.gradient_norm()
        return norm is not None and any(one.met_by_gradient(norm) for one in conditions)

    def _norms(self, done: int) -> tuple[array[int], array[float]]:
        """The numbers and the columns of the first rows, those of passes that are kept."""
        numbers = self._unwritten.numbers[: done + 1]
        columns = self._leaves.columns(numbers, self._unwritten.rows[: done + 1])
        if not columns:
            return array("q"), array("f")
        width = len(self._leaves.names) * len(COLUMNS)
        wanted = [i for i, number in enumerate(numbers[:-1]) if kept(number)]
        if len(wanted) < done:
            cut = (columns[i * width : (i + 1) * width] for i in wanted)
            columns = sum(cut, array("f"))
        return array("q", [numbers[i] for i in wanted]), columns


def kept(number: int) -> bool:
    """Whether the norms of a pass are kept: of all at first, then of ever fewer."""
    stride: int = 1 << (number // DENSE).bit_length()
    return number < DENSE or number % stride == 0


def taken(number: int) -> bool:
    """Whether a pass is read: to be kept, or to tell how it changed what a kept one left."""
    return kept(number) or kept(number - 1)


def _loss(roots: Sequence[torch.Tensor]) -> Loss:
    """The only root's only number, or a copy of it that is read later; None where it has more."""
    if len(roots) != 1:
        return None
    number = quick_number(roots[0]) if is_quiet() else None
    if number is not None:
        return number
    with quiet():
        plain = plain_of(roots[0])
        return plain.clone() if plain is not None and plain.numel() == 1 else None


def _real(loss: torch.Tensor) -> float:
    return float(loss.abs() if loss.is_complex() else loss)


def _losses(losses: Sequence[Loss]) -> list[float]:
    """The losses as numbers, a complex one as its absolute value; nan where there is none."""
    known = [loss.reshape(()) for loss in losses if isinstance(loss, torch.Tensor)]
    if len({(loss.dtype, loss.device) for loss in known}) > 1 or (known and known[0].is_complex()):
        real = [loss.abs() if loss.is_complex() else loss for loss in known]
        known = [loss.to("cpu", torch.float64) for loss in real]
    read = torch.stack(known).to("cpu", torch.float64).tolist() if known else []
    numbers: Iterator[float] = iter(read)
    return [
        math.nan if loss is None else loss if isinstance(loss, float) else next(numbers)
        for loss in losses
    ]


def _columns(
    variables: Sequence[Mapping[str, Plain]],
) -> tuple[tuple[str, tuple[Plain | None, ...]], ...]:
    names = dict.fromkeys(name for one in variables for name in one)
    return tuple((name, tuple(one.get(name) for one in variables)) for name in names)
