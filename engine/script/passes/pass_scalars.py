"""The scalars of every backward pass: kept where they are until a chunk of passes is written."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any

import torch

from engine.autograd.quiet import is_quiet, plain_of, quick_number, quiet
from engine.recording.journal import Journal
from engine.recording.pass_chunk import COLUMNS, PassChunk, Plain
from engine.recording.pass_plan import Condition
from engine.script.frames.loop_counters import LoopCounters
from engine.script.passes.leaf_columns import Row
from engine.script.passes.leaf_rows import LeafRows, SmallLeaves
from engine.script.passes.narrow_numbers import exactly_narrow
from engine.script.passes.unwritten_passes import Loss, OnePass, UnwrittenPasses, Waiting

CHUNK = 4096
"""Passes are written at least when there are so many, but for those that are kept as a run."""
SEARCHES = 4
"""New leaves are looked for in so many passes from the beginning, and then in ever fewer."""
OF_GRADIENTS = "nonfinite", "grad"
"""The kinds of conditions that ask for the gradients of a pass."""
DENSE = 100_000
"""From this pass on norms are kept of ever fewer passes: half of them, a quarter, and so on."""

Names = Callable[[FrameType | None], Mapping[str, torch.Tensor]]
Variables = Callable[[FrameType | None], Mapping[str, Plain]]
Counters = Callable[[FrameType | None], LoopCounters | None]
_NO_VARIABLES: Mapping[str, Plain] = {}


class PassScalars:
    """Takes the scalars of a script's passes.

    `names` and `variables` say what a frame has in scope, `counters` gives what reads the
    variables of frames like it, `output` what was printed since; `leaves` follows the leaves.
    """

    def __init__(
        self,
        journal: Journal,
        names: Names,
        variables: Variables,
        output: Callable[[], str] = str,
        leaves: LeafRows | None = None,
        counters: Counters = lambda frame: None,
    ) -> None:
        self._journal = journal
        self._names = names
        self._variables = variables
        self._counters = counters
        self._output = output
        self.outermost: tuple[str | None, Plain | None] = None, None
        """The outermost loop variable of the pass that ended last."""
        self.seen: Callable[[PassChunk], object] = lambda chunk: None
        """Is given every chunk that is written."""
        self.asks_for_gradients = False
        """Whether `met_by_gradients` is called after every pass."""
        self.leaves = leaves or LeafRows()
        """Which follows the leaves."""
        self.unwritten = UnwrittenPasses()
        """The passes that have ended and are not written yet."""
        self._lock = threading.Lock()
        self._begun: tuple[Loss, Mapping[str, Plain]] = None, _NO_VARIABLES
        """The loss and the loop variables of the pass that runs."""

    def before(self, number: int, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """A pass is about to run: keep its loss and the loop variables, find new leaves."""
        loss: Loss = quick_number(roots[0]) if len(roots) == 1 else None
        if loss is None:
            loss = _loss(roots)
        self._begun = loss, _NO_VARIABLES
        self._begun = loss, self._variables(frame)
        if searched_at(number) == number:
            self.search(roots, frame)

    def began(self, loss: float, variables: Mapping[str, Plain]) -> None:
        """Know of the pass that runs what `before` would have found out."""
        self._begun = loss, variables

    def quickly(self, frame: FrameType) -> tuple[LoopCounters, SmallLeaves] | None:
        """What reads all there is of passes that run in the place of a frame, if that is little.

        For passes of numbers below `searched_at`, which may bring new leaves.
        """
        counters, leaves = self._counters(frame), self.leaves.small()
        return None if counters is None or leaves is None else (counters, leaves)

    def search(self, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """Find new leaves of a pass that is about to run."""
        with quiet():
            new = self.leaves.unknown(roots)
            if new:
                named = reversed(list(self._names(frame).items()))
                with self._lock:
                    self.leaves.follow(new, {id(tensor): name for name, tensor in named})

    def after(self, number: int, frame: FrameType | None, returned: Mapping[int, Any]) -> None:
        """A pass has ended; `returned` has what `autograd.grad` gave, by the `id` of the input."""
        loss, variables = self._begun
        self._begun = None, _NO_VARIABLES
        self.outermost = next(iter(variables.items()), (None, None))
        row = self._row(frame, returned) if number < DENSE or taken(number) else None
        self.unwritten.add(OnePass(number, loss, variables, row))
        if len(self.unwritten) >= CHUNK:
            self.flush()

    def _row(self, frame: FrameType | None, returned: Mapping[int, Any]) -> Row:
        if is_quiet() and (numbers := self.leaves.numbers(returned)) is not None:
            return numbers
        with quiet():
            return self.leaves.row(frame, returned, asked=self.asks_for_gradients)

    def flush(self, *, last: bool = False) -> None:
        """Write the passes that have ended; of the `last` one also the change that followed it."""
        with self._lock, quiet(), torch.inference_mode(False):
            waiting = self.unwritten.waiting()
            rows: Any = waiting.numbers.values
            if last and rows:
                waiting.numbers.add(range(rows[-1] + 1, rows[-1] + 2))
                waiting.rows.append(self._row(None, {}))
            output = self._output()
            if not waiting.losses and not output and not (last and rows):
                return
            try:
                numbers, norms = self._norms(waiting)
            except Exception as error:  # else the same rows would fail again, and ever more of them
                self._journal.note(f"norms could not be read: {type(error).__name__}")
                numbers, norms = array("q"), array("f")
            chunk = PassChunk(
                waiting.first,
                exactly_narrow(_losses(waiting)),
                self.leaves.names,
                numbers,
                norms,
                tuple((name, column.values) for name, column in waiting.variables.items()),
                output,
                tuple(waiting.without_loss),
            )
            self.unwritten.written(waiting)
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
        conditions = [one for one in when if one.kind in OF_GRADIENTS]
        if not conditions:
            return False
        with quiet():
            norm = self.leaves.gradient_norm()
        return norm is not None and any(one.met_by_gradient(norm) for one in conditions)

    def _norms(self, waiting: Waiting) -> tuple[array[int], array[float]]:
        """The numbers and the columns of all rows but the last, of passes that are kept."""
        known: Any = waiting.numbers.values
        columns = self.leaves.columns(known, waiting.rows)
        if not columns:
            return array("q"), array("f")
        numbers = known[:-1]
        if numbers[-1] < DENSE:
            return array("q", numbers), columns
        width = len(self.leaves.names) * len(COLUMNS)
        wanted = [i for i, number in enumerate(numbers) if kept(number)]
        if len(wanted) < len(numbers):
            cut = array("f")
            for i in wanted:
                cut += columns[i * width : (i + 1) * width]
            columns = cut
        return array("q", [numbers[i] for i in wanted]), columns


def searched_at(number: int) -> int:
    """The first pass from the one of that number on that new leaves are looked for in."""
    return number if number < SEARCHES else 1 << (number - 1).bit_length()


def kept(number: int) -> bool:
    """Whether the norms of a pass are kept: of all at first, then of ever fewer."""
    stride: int = 1 << (number // DENSE).bit_length()
    return number < DENSE or number % stride == 0


def taken(number: int) -> bool:
    """Whether a pass is read: to be kept, or to tell how it changed what a kept one left."""
    return kept(number) or kept(number - 1)


def _loss(roots: Sequence[torch.Tensor]) -> Loss:
    """A copy of the only root's only number, which is read later; None where it has more."""
    if len(roots) != 1 or not isinstance(roots[0], torch.Tensor):  # but an edge
        return None
    with quiet():
        plain = plain_of(roots[0])
        return plain.clone() if plain is not None and plain.numel() == 1 else None


def _real(loss: torch.Tensor) -> float:
    return float(loss.abs() if loss.is_complex() else loss)


def _losses(waiting: Waiting) -> array[float]:
    """The losses as numbers, a complex one as its absolute value; nan where there is none."""
    losses = waiting.losses
    if waiting.unread:
        unread = [loss.reshape(()) for loss in waiting.unread.values()]
        if len({(loss.dtype, loss.device) for loss in unread}) > 1 or unread[0].is_complex():
            real = [loss.abs() if loss.is_complex() else loss for loss in unread]
            unread = [loss.to("cpu", torch.float64) for loss in real]
        read = torch.stack(unread).to("cpu", torch.float64).tolist()
        for at, number in zip(waiting.unread, read, strict=True):
            losses[at] = number
    return losses
