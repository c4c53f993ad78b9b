"""Rules of operations that pick elements: the gradient goes back to the positions picked.

A rule says again what the operation picks, but from a tensor of positions; where the gradient has
to go follows from that.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from engine.autograd.values import Value
from engine.rules.context import Context, NoRuleError, Rules, Shape
from engine.rules.term import Content, Term

ONCE = "all other elements get 0"
TWICE = "what was picked more than once gets the sum, what was not gets 0"


def put_back(
    n: Context,
    g: Term,
    template: str,
    pick: Callable[..., torch.Tensor],
    *others: Term,
    note: str = ONCE,
) -> Term:
    """The gradient `g` of picking elements: `pick` is the operation, done with positions.

    These are counted from 1, so that what an operation puts in of its own, as 0, is nowhere.
    """

    def put(g: torch.Tensor, *contents: Content) -> torch.Tensor:
        count = math.prod(n.shape)
        positions = torch.arange(1, count + 1, device="cpu").reshape(n.shape)
        picked = pick(positions, *contents).reshape(-1)
        zeros = g.new_zeros(count + 1)
        return zeros.index_add(0, picked, g.reshape(-1))[1:].reshape(n.shape)

    return g.worded(template, put, *others).noted(note)


def put_along(n: Context, indices: Term, note: str = ONCE) -> Term:
    """The gradient of gathering along a dimension."""
    dim = n.dim()

    def pick(positions: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        return positions.gather(dim, indices.long())

    return put_back(n, n.g, f"{{}} at {{}} along dim {dim}", pick, indices, note=note)


def part_text(dim: int, inner: object) -> str:
    """An index into one dimension as Python writes it: `[:, 1]`."""
    return "[" + ":, " * dim + f"{inner}]"


def cut_of(n: Context, shape: Shape) -> tuple[str, tuple[slice, ...]]:
    """A saved slice of a tensor of that shape: `[:, 1:]`, as text and as an index."""
    dim, step = n.integer("dim") % len(shape), n.integer("step")
    start, end, _ = slice(n.plain("start"), n.plain("end")).indices(shape[dim])
    inner = f"{start or ''}:{end if end < shape[dim] else ''}" + (f":{step}" if step != 1 else "")
    return part_text(dim, inner), (slice(None),) * dim + (slice(start, end, step),)


def _sliced(n: Context) -> Term:
    text, cut = cut_of(n, n.shape)
    return put_back(n, n.g, f"{{}} at {text}", lambda p: p[cut])


def _selected(n: Context) -> Term:
    dim, index = n.dim(), n.integer("index")
    text = f"{{}} at {part_text(dim, index)}"
    return put_back(n, n.g, text, lambda p: p.select(dim, index))


def _index_selected(n: Context) -> Term:
    dim = n.dim()

    def pick(positions: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        return positions.index_select(dim, index.long().reshape(-1))

    return put_back(n, n.g, f"{{}} at {{}} along dim {dim}", pick, n.index, note=TWICE)


def indices_of(n: Context) -> tuple[str, list[Term], Callable[..., tuple[Content, ...]]]:
    """Advanced indices as text, as Terms, and how to make Python's index of their contents."""
    indices = n.plain("indices")
    if not isinstance(indices, tuple):
        raise NoRuleError("indices")
    names = [None if index is None else f"indices[{i}]" for i, index in enumerate(indices)]

    def index(name: str) -> Term:
        content = n.node.content(name)
        mask = isinstance(content, Value) and content.dtype in ("bool", "uint8")
        return n.saved(name).silently(lambda a: a.bool() if mask else a.long())

    def key(*given: torch.Tensor) -> tuple[Content, ...]:
        rest = iter(given)
        return tuple(slice(None) if name is None else next(rest) for name in names)

    text = "[" + ", ".join(":" if name is None else "{}" for name in names) + "]"
    return text, [index(name) for name in names if name is not None], key


def _indexed(n: Context) -> Term:
    text, indices, key = indices_of(n)
    return put_back(
        n, n.g, f"{{}} at {text}", lambda p, *given: p[key(*given)], *indices, note=TWICE
    )


def _diagonal(n: Context) -> Term:
    offset, one, two = n.integer("offset"), n.integer("dim1"), n.integer("dim2")
    return put_back(n, n.g, "{} on the diagonal", lambda p: p.diagonal(offset, one, two))


def _unfolded(n: Context) -> Term:
    dim, size, step = n.integer("dimension"), n.integer("size"), n.integer("step")
    return put_back(n, n.g, "{} at its windows", lambda p: p.unfold(dim, size, step), note=TWICE)


def _embedded(n: Context) -> Term:
    padding, by_frequency = n.integer("padding_idx"), bool(n.plain("scale_grad_by_freq"))

    def add(g: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        rows = indices.long().reshape(-1)
        kept = rows != padding
        added = g.reshape(len(rows), n.shape[-1])
        if by_frequency:
            added = added / rows.bincount()[rows].unsqueeze(-1)
        return g.new_zeros(n.shape).index_add(0, rows[kept], added[kept])

    if by_frequency:
        term = n.g.worded("rows of {} at {}, each / how often it was looked up", add, n.indices)
        return _padded(term, padding)
    term = n.g.worded("rows of {} at {}", add, n.indices).noted(
        "a row looked up more than once gets the sum, one that was not gets 0"
    )
    return _padded(term, padding)


SUMMED_BAG, AVERAGED_BAG, LARGEST_BAG = range(3)
"""The numbers that autograd saves for the modes of `embedding_bag`."""


def _embedded_bags(n: Context) -> Term:
    """`embedding_bag`: a row gets its bag's gradient, weighted, or a share, or where it won."""
    if n.integer("mode") == LARGEST_BAG:
        return put_back(
            n,
            n.g,
            "{} at {} of each column, of bags of {} > 0",
            lambda p, chosen, sizes: p.gather(0, chosen.long()) * (sizes > 0).long().unsqueeze(-1),
            n.result3,
            n.result2,
            note=TWICE,
        )
    weighted = n.has("per_sample_weights")
    padding, average = n.integer("padding_idx"), n.integer("mode") == AVERAGED_BAG

    def add(g: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        indices, offsets = (other.long() for other in others[:2])
        bags = torch.searchsorted(offsets, torch.arange(len(indices)), right=True) - 1
        kept = indices != padding
        added = g[bags]
        if weighted:
            added = added * others[2].unsqueeze(-1)
        if average:
            counts = bags[kept].bincount(minlength=len(g)).clamp(min=1)
            added = added / counts[bags].unsqueeze(-1)
        return g.new_zeros(n.shape).index_add(0, indices[kept], added[kept])

    text = "rows of {} at {}, the bags from {}" + (", times {}" if weighted else "")
    text += ", each / the size of its bag" if average else ""
    others = (n.indices, n.offsets, *((n.per_sample_weights,) if weighted else ()))
    return _padded(n.g.worded(text, add, *others), padding)


def _padded(term: Term, padding: int) -> Term:
    return term.noted(f"row {padding} is padding: it gets 0") if padding >= 0 else term


RULES: Rules = {
    "SliceBackward0": _sliced,
    "SelectBackward0": _selected,
    "IndexBackward0": _indexed,
    "IndexSelectBackward0": _index_selected,
    "GatherBackward0": lambda n: put_along(n, n.index, TWICE),
    "TakeBackward0": lambda n: put_back(
        n, n.g, "{} at {}", lambda p, index: p.take(index.long()), n.index, note=TWICE
    ),
    "MaskedSelectBackward0": lambda n: put_back(
        n, n.g, "{} where {}", lambda p, mask: p.masked_select(mask.bool()), n.mask
    ),
    "DiagonalBackward0": _diagonal,
    "UnfoldBackward0": _unfolded,
    "EmbeddingBackward0": _embedded,
    "EmbeddingBagBackward0": (_embedded_bags,),
    "UnsafeIndexBackward0": _indexed,
    # Of a choice the node remembers the positions: max(dim) and its like, and sorting.
    "MaxBackward0": lambda n: put_along(n, n.reduced(n.indices, said=False)),
    "MinBackward0": lambda n: put_along(n, n.reduced(n.indices, said=False)),
    "MedianBackward1": lambda n: put_along(n, n.reduced(n.indices, said=False)),
    "NanmedianBackward1": lambda n: put_along(n, n.reduced(n.indices, said=False)),
    "ModeBackward0": lambda n: put_along(n, n.reduced(n.indices, said=False)),
    "KthvalueBackward0": lambda n: put_along(n, n.reduced(n.indices, said=False)),
    "CummaxBackward0": lambda n: put_along(n, n.indices, TWICE),
    "CumminBackward0": lambda n: put_along(n, n.indices, TWICE),
    "SortBackward0": lambda n: put_along(n, n.indices),
    "SortBackward1": lambda n: put_along(n, n.indices),
    "TopkBackward0": lambda n: put_along(n, n.indices),
}
