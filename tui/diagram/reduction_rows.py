"""An all-reduce in rows: the gradient of every rank, what comes out, and what it should have been.

All but the numbers is there before backward has come: which ranks, which bucket, and by what.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from engine.autograd.graph import Node
from engine.autograd.values import Value, shape_text
from engine.plurals import counted
from engine.ranks.differing import odd_ones
from engine.ranks.drawn_reductions import Reduced
from engine.ranks.rank_fault import ranks_text
from engine.ranks.reductions import Reduction, Share
from tui.diagram.layout.reduction_text import in_room
from tui.diagram.node_gradients import Room, wrapped
from tui.kit.spans import Row, Span
from tui.kit.text import fit, safe
from tui.script.few_ranks import OWN, few_ranks
from tui.script.rank_lens import every_rank

APART = 1e-3
"""A mean that is farther from the true gradient, relative to that, is said to be."""
SAMPLES_AT = 24
"""The column in which it stands how many samples a rank had."""
BY_SAMPLES = "by samples"
NO_NODE = "PyTorch has no node for it: drawn here, behind the leaf's."


def reduction_rows(
    node: Node, gradient: Reduced | None, reduction: Reduction | None, room: Room
) -> Iterator[Row]:
    """Return what is known of an all-reduce; of its numbers only once backward was there."""
    if gradient is None or reduction is None:
        yield (Span("the gradients of all ranks go in, one comes out", "faint"),)
    else:
        yield from _numbers(gradient, reduction, room.width)
    yield ()
    yield from _facts(node, gradient, reduction, room.width)


def _numbers(gradient: Reduced, reduction: Reduction, width: int) -> Iterator[Row]:
    if not gradient.reducer:
        words = "nothing reduced it in this pass: each rank keeps its own"
        yield from _faint(words, width, role="warning")
    shares = _chosen(reduction.shares, gradient.rank)
    labels = [f"rank {share.rank}{word}" for share, word in shares]
    made = f"{reduction.operation} of {len(reduction.shares)}"
    weighted = BY_SAMPLES if reduction.weighted else ""
    label_width = max(cell_len(label) for label in (*labels, made, weighted))
    for (share, _), label in zip(shares, labels, strict=True):
        own = share.rank == gradient.rank
        row = _row(label, label_width, _local(share, width - label_width - 4), width, own=own)
        yield _with_samples(row, share, width) if reduction.weighted else row
    hidden = len(reduction.shares) - len(shares)
    if hidden > 0:
        yield (Span(f"and {hidden:,} ranks between them", "faint"),)
    if not gradient.reducer:
        return
    text = _text(reduction.made or reduction.expected, width - label_width - 4)
    name = f"  = {safe(reduction.leaf)}.grad"
    beside = name if label_width + 2 + cell_len(text + name) <= width else ""
    yield (
        Span(f"{made:<{label_width}}  ", "title"),
        Span(text, "gradient title"),
        Span(beside, "faint"),
    )
    yield from _verdict(reduction, label_width, width)


def _row(label: str, label_width: int, text: str, width: int, *, own: bool) -> Row:
    mark = f" {OWN}" if own and label_width + 4 + cell_len(text) <= width else ""
    role = "title" if own else "faint"
    return (Span(f"{label:<{label_width}}  ", role), Span(text, "gradient"), Span(mark, "marker"))


def _with_samples(row: Row, share: Share, width: int) -> Row:
    """A row of a rank with how many samples its loss is the mean of, where there is room."""
    text = "" if share.samples is None else counted(share.samples, "sample")
    taken = sum(cell_len(span.text) for span in row)
    room = max(SAMPLES_AT - taken, 1)
    return (*row, Span(" " * room + text, "faint")) if taken + room + len(text) <= width else row


def _verdict(reduction: Reduction, label_width: int, width: int) -> Iterator[Row]:
    """Whether all ranks hold the same, and whether that is the gradient over all samples."""
    classes = reduction.classes
    count = sum(map(len, classes))
    if count > 1 and len(classes) == 1:
        words = f"✓ the same on {every_rank(count)}"
        yield (Span(fit(words, width).rstrip(), "right"),)
    elif len(classes) > 1:
        others = odd_ones(classes)
        got = "got something else" if len(others) < count else "got different ones"
        yield from _faint(f"✗ {ranks_text(others)} {got}", width, role="error")
    if reduction.accumulated:
        before = "the pass" if reduction.accumulated == 1 else f"{reduction.accumulated} passes"
        yield from _faint(f"with {before} before, which nothing reduced", width)
    factor = reduction.factor
    if factor is not None and not math.isclose(factor, 1.0, rel_tol=1e-4):
        yield from _faint(f"times {factor:.4g} since: clipped, or unscaled", width)
    yield from _weighted(reduction, label_width, width)


def _weighted(reduction: Reduction, label_width: int, width: int) -> Iterator[Row]:
    """The gradient of the mean over all samples, where the ranks had not equally many."""
    if reduction.weighted is None:
        return
    off = reduction.error is not None and reduction.error > APART
    role = "warning" if off else "faint"
    text = _text(reduction.weighted, width - label_width - 2)
    yield Span(f"{BY_SAMPLES:<{label_width}}  ", role), Span(text, "gradient title")
    if off:
        words = f"the mean is {reduction.error:.1%} off that: shards are not equally large"
        yield from _faint(words, width, role=role)


def _facts(
    node: Node, gradient: Reduced | None, reduction: Reduction | None, width: int
) -> Iterator[Row]:
    if node.expression:
        yield (Span(fit(safe(node.expression), width).rstrip(), "expression"),)
    bucket = reduction.bucket if reduction else None
    others = (
        [leaf for leaf in bucket.leaves if reduction and leaf != reduction.leaf] if bucket else []
    )
    if others:
        more = f" and {len(others) - 2:,} more" if len(others) > 2 else ""
        yield from _faint(f"in one call with {', '.join(others[:2])}{more}", width)
    facts = [shape_text(node.shape or ()), node.dtype or "", node.device or ""]
    yield (Span(fit(safe(" · ".join(filter(None, facts))), width).rstrip(), "faint"),)
    by = gradient.reducer if gradient else ""
    if by == "all_reduce":
        yield from _faint("by the script's own all_reduce, after backward.", width)
    elif by:
        yield from _faint(f"by {by}.", width)
    yield from _faint(NO_NODE, width)


def _chosen(shares: Sequence[Share], own: int) -> list[tuple[Share, str]]:
    """The ranks that are written, in order, with a word for those that stand for others."""
    by_rank = {share.rank: share for share in shares}
    sizes = {rank: share.local_norm for rank, share in by_rank.items()}
    known = {rank: size for rank, size in sizes.items() if size is not None}
    few = few_ranks(list(by_rank), known, own)
    return [(by_rank[rank], f" {word}" if word else "") for rank, word in few.items()]


def _local(share: Share, width: int) -> str:
    if share.local is not None:
        return _text(share.local, width)
    if share.local_norm is None:
        return "did not reach it"
    return f"norm {share.local_norm:.4g}"


def _text(value: Value | None, width: int) -> str:
    return in_room(value, max(width, 6), 4)


def _faint(words: str, width: int, *, role: str = "faint") -> Iterator[Row]:
    yield from ((Span(line, role),) for line in wrapped(words, width))
