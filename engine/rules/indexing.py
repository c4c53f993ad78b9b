"""Rules of operations that pick elements: the gradient goes back to the positions picked.

A rule says again what the operation picks, but from a tensor of positions; where the gradient has
to go follows from that.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from engine.autograd.values import Value
from engine.rules.context import Context, NoRuleError, Rules
from engine.rules.term import Content, Term

ONCE = "all other elements get 0"
OVERWRITTEN = "what was overwritten has no influence any more"
TWICE = "what was picked more than once gets the sum, what was not gets 0"


def put_back(
    n: Context,
    g: Term,
    template: str,
    pick: Callable[..., torch.Tensor],
    *others: Term,
    note: str = ONCE,
) -> Term:
    """The gradient `g` of picking elements: `pick` is the operation, done with positions."""

    def put(g: torch.Tensor, *contents: Content) -> torch.Tensor:
        positions = torch.arange(math.prod(n.shape), device="cpu").reshape(n.shape)
        picked = pick(positions, *contents).reshape(-1)
        zeros = g.new_zeros(positions.numel())
        return zeros.index_add(0, picked, g.reshape(-1)).reshape(n.shape)

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


def _sliced(n: Context) -> Term:
    dim, step = n.dim(), n.integer("step")
    size = n.shape[dim]
    start, end, _ = slice(n.plain("start"), n.plain("end")).indices(size)
    inner = f"{start or ''}:{end if end < size else ''}" + (f":{step}" if step != 1 else "")
    cut = (slice(None),) * dim + (slice(start, end, step),)
    return put_back(n, n.g, f"{{}} at {part_text(dim, inner)}", lambda p: p[cut])


def _selected(n: Context) -> Term:
    dim, index = n.dim(), n.integer("index")
    text = f"{{}} at {part_text(dim, index)}"
    return put_back(n, n.g, text, lambda p: p.select(dim, index))


def _index_selected(n: Context) -> Term:
    dim = n.dim()

    def pick(positions: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        return positions.index_select(dim, index.long().reshape(-1))

    return put_back(n, n.g, f"{{}} at {{}} along dim {dim}", pick, n.index, note=TWICE)


def _indices(n: Context) -> tuple[str, list[Term], Callable[..., tuple[Content, ...]]]:
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
    text, indices, key = _indices(n)
    return put_back(
        n, n.g, f"{{}} at {text}", lambda p, *given: p[key(*given)], *indices, note=TWICE
    )


def _index_put_over(n: Context) -> Term:
    if n.plain("accumulate"):
        return n.g
    text, indices, key = _indices(n)

    def clear(g: torch.Tensor, *given: torch.Tensor) -> torch.Tensor:
        cleared = g.clone()
        cleared[key(*given)] = 0
        return cleared

    return n.g.worded(f"{{}}, 0 at {text}", clear, *indices).noted(OVERWRITTEN)


def _index_put_in(n: Context) -> Term:
    text, indices, key = _indices(n)
    return n.g.worded(
        f"{{}} at {text}", lambda a, *given: a[key(*given)].sum_to_size(n.shape), *indices
    )


def _scattered_over(n: Context) -> Term:
    dim = n.dim()
    return n.g.worded(
        f"{{}}, 0 at {{}} along dim {dim}",
        lambda a, index: a.scatter(dim, index.long(), 0.0),
        n.index,
    ).noted(OVERWRITTEN)


def _scattered_in(n: Context) -> Term:
    dim = n.dim()
    return n.g.worded(
        f"{{}} at {{}} along dim {dim}", lambda a, index: a.gather(dim, index.long()), n.index
    )


def _diagonal(n: Context) -> Term:
    offset, one, two = n.integer("offset"), n.integer("dim1"), n.integer("dim2")
    return put_back(n, n.g, "{} on the diagonal", lambda p: p.diagonal(offset, one, two))


def _unfolded(n: Context) -> Term:
    dim, size, step = n.integer("dimension"), n.integer("size"), n.integer("step")
    return put_back(n, n.g, "{} at its windows", lambda p: p.unfold(dim, size, step), note=TWICE)


def _max_pooled(n: Context) -> Term:
    def pick(positions: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        return positions.flatten(-2).gather(-1, chosen.long().flatten(-2))

    return put_back(n, n.g, "{} at {} of each plane", pick, n.result1, note=TWICE)


def _embedded(n: Context) -> Term:
    padding = n.integer("padding_idx")

    def add(g: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        rows = indices.long().reshape(-1)
        kept = rows != padding
        added = g.reshape(len(rows), n.shape[-1])
        return g.new_zeros(n.shape).index_add(0, rows[kept], added[kept])

    return n.g.worded("rows of {} at {}", add, n.indices).noted(
        "a row looked up more than once gets the sum, one that was not gets 0"
    )


RULES: Rules = {
    "SliceBackward0": _sliced,
    "SelectBackward0": _selected,
    "IndexBackward0": _indexed,
    "IndexPutBackward0": (_index_put_over, _index_put_in),
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
    "ScatterBackward0": (_scattered_over, _scattered_in),
    "ScatterAddBackward0": (lambda n: n.g, _scattered_in),
    "MaxPool2DWithIndicesBackward0": _max_pooled,
    "EmbeddingBackward0": _embedded,
    # Of a choice the node remembers the positions: max(dim) and its like, and sorting.
    "MaxBackward0": lambda n: put_along(n, n.reduced(n.indices)),
    "MinBackward0": lambda n: put_along(n, n.reduced(n.indices)),
    "MedianBackward1": lambda n: put_along(n, n.reduced(n.indices)),
    "ModeBackward0": lambda n: put_along(n, n.reduced(n.indices)),
    "KthvalueBackward0": lambda n: put_along(n, n.reduced(n.indices)),
    "CummaxBackward0": lambda n: put_along(n, n.indices, TWICE),
    "CumminBackward0": lambda n: put_along(n, n.indices, TWICE),
    "SortBackward0": lambda n: put_along(n, n.indices),
    "TopkBackward0": lambda n: put_along(n, n.indices),
}
