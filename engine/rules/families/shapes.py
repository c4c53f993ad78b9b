"""Rules of operations that move elements: views, transpositions, repeating, joining, cutting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import accumulate

import torch

from engine.autograd.values import shape_text
from engine.rules.anew.recomputed import worded_anew
from engine.rules.context import Context, NoRuleError, Rules, Shape, summed_to_input
from engine.rules.families.indexing import part_text, put_back
from engine.rules.term import Term
from engine.rules.text import ATOM, dims_text


def _reshaped(n: Context) -> Term:
    if n.g_shape == n.shape:
        return n.g
    return n.g.worded(f"{{}} reshaped to {shape_text(n.shape)}", lambda a: a.reshape(n.shape))


def _transposed(n: Context) -> Term:
    rank = len(n.shape)
    if rank < 2:
        return n.g
    first, second = sorted((n.dim("dim0"), n.dim("dim1")))
    if (first, second) == (rank - 2, rank - 1):
        return n.g.mT
    return n.g.worded(
        f"{{}} with dims {first} and {second} swapped", lambda a: a.transpose(first, second)
    )


def _permuted(n: Context) -> Term:
    order = n.plain("dims")
    if not isinstance(order, tuple):
        raise NoRuleError("dims")
    rank = len(order)
    positions = [part % rank for part in order if isinstance(part, int)]
    inverse = tuple(positions.index(i) for i in range(rank))
    if inverse == (1, 0):
        return n.g.mT
    return n.g.worded(f"{{}} permuted by {inverse}", lambda a: a.permute(inverse))


def _repeated(n: Context) -> Term:
    repeats = n.plain("repeats")
    return put_back(n, n.g, "sum of {} over the copies", lambda p: p.repeat(repeats), note="")


def _flipped(n: Context) -> Term:
    dims = n.plain("dims")
    if not isinstance(dims, tuple) or not dims or not n.shape:
        return n.g
    dims = tuple(int(str(dim)) % len(n.shape) for dim in dims)
    return n.g.worded(f"{{}} flipped along {dims_text(dims)}", lambda a: a.flip(dims))


def _rolled(n: Context) -> Term:
    shifts, dims = n.plain("shifts"), n.plain("dims")
    return put_back(n, n.g, "{} rolled back", lambda p: p.roll(shifts, dims), note="")


def _triangle(n: Context, name: str) -> Term:
    diagonal = n.integer("diagonal")
    text = f"{name}({{}})" if not diagonal else f"{name}({{}}, {diagonal})"
    return n.g.worded(text, lambda a: getattr(a, name)(diagonal), binding=ATOM)


def _unpadded(n: Context) -> Term:
    pad = n.plain("pad")
    if not isinstance(pad, tuple):
        raise NoRuleError("pad")
    opposite = [-size for size in pad if isinstance(size, int)]

    def cut(a: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.pad(a, opposite)

    return n.g.worded("{} without the padding", cut)


def _joined_part(n: Context) -> Term:
    """One input's part of the gradient of `cat`; unknown inputs' sizes may hide where it is."""
    dim = n.integer("dim") % len(n.g_shape)
    starts, ends = _joints(n.shapes, len(n.g_shape), dim)
    own = n.shape[dim] if len(n.shape) == len(n.g_shape) else 0
    start, left = starts[n.slot], ends[n.slot]
    if start is None:
        if left is None:
            raise NoRuleError("the sizes of the other inputs")
        start = n.g_shape[dim] - own - left
    text = part_text(dim, f"{start}:{start + own}")
    return n.g.worded(
        f"{{}}{text}", lambda a: a.narrow(dim, start, own).reshape(n.shape), binding=ATOM
    )


Sums = tuple[int | None, ...]


@lru_cache(maxsize=4)
def _joints(shapes: tuple[Shape | None, ...], rank: int, dim: int) -> tuple[Sums, Sums]:
    """How much lies before each joined tensor, and after it; None where a size is not known."""
    sizes = [None if s is None else s[dim] if len(s) == rank else 0 for s in shapes]

    def sums(sizes: Iterable[int | None]) -> list[int | None]:
        total: int | None = 0
        found = []
        for size in sizes:
            found.append(total)
            total = None if total is None or size is None else total + size
        return found

    return tuple(sums(sizes)), tuple(reversed(sums(reversed(sizes))))


def _stacked_part(n: Context) -> Term:
    dim = n.integer("dim") % len(n.g_shape)
    return n.g.worded(
        f"{{}}{part_text(dim, n.slot)}", lambda a: a.select(dim, n.slot), binding=ATOM
    )


def _outputs(n: Context, put: Callable[[int, Term], Term]) -> Term:
    """Every output's gradient at its position in the input; an unused output adds nothing."""
    used = [i for i, value in enumerate(n.gradient.incoming) if value is not None]
    parts = [put(i, n.incoming(i, None if len(used) > 1 else "g")) for i in used]
    return sum(parts[1:], start=parts[0])


def _split(n: Context) -> Term:
    dim = n.dim()
    sizes = n.plain("split_sizes")
    if not isinstance(sizes, tuple):
        sizes = (n.integer("split_size"),) * len(n.gradient.incoming)
    starts = list(accumulate((int(str(size)) for size in sizes), initial=0))

    def put(i: int, g: Term) -> Term:
        start, end = starts[i], min(starts[i + 1], n.shape[dim])
        text = f"{{}} at {part_text(dim, f'{start}:{end}')}"
        return put_back(n, g, text, lambda p: p.narrow(dim, start, end - start))

    return _outputs(n, put)


def _unbound(n: Context) -> Term:
    dim = n.dim()
    return _outputs(
        n,
        lambda i, g: put_back(n, g, f"{{}} at {part_text(dim, i)}", lambda p: p.select(dim, i)),
    )


STRIDED = worded_anew("{} added up where the strides lead")
STRIDED_OVER = worded_anew("{}, 0 where the strides lead")
STRIDED_IN = worded_anew("{} where the strides lead")

RULES: Rules = {
    "ViewBackward0": _reshaped,
    "UnsafeViewBackward0": _reshaped,
    "ReshapeAliasBackward0": _reshaped,
    "SqueezeBackward0": _reshaped,
    "SqueezeBackward1": _reshaped,
    "SqueezeBackward2": _reshaped,
    "SqueezeBackward3": _reshaped,
    "SqueezeBackward4": _reshaped,
    "SqueezeBackward5": _reshaped,
    "UnsqueezeBackward0": _reshaped,
    "UnsqueezeBackward1": _reshaped,
    "AsStridedBackward0": STRIDED,
    "AsStridedScatterBackward0": (STRIDED_OVER, STRIDED_IN),
    "AliasBackward0": lambda n: n.g,
    "TBackward0": lambda n: n.g.mT if len(n.shape) == 2 else n.g,
    "TBackward1": lambda n: n.g.mT if len(n.shape) == 2 else n.g,
    "TransposeBackward0": _transposed,
    "TransposeBackward1": _transposed,
    "PermuteBackward0": _permuted,
    "ExpandBackward0": lambda n: summed_to_input(n, n.g),
    "RepeatBackward0": _repeated,
    "FlipBackward0": _flipped,
    "RollBackward0": _rolled,
    "Rot90Backward0": lambda n: put_back(
        n, n.g, "{} turned back", lambda p: p.rot90(n.integer("k"), n.plain("dims")), note=""
    ),
    "DiagEmbedBackward0": lambda n: n.g.worded(
        "diagonal of {}",
        lambda a: a.diagonal(n.integer("offset"), n.integer("dim1"), n.integer("dim2")),
    ),
    "TrilBackward0": lambda n: _triangle(n, "tril"),
    "TriuBackward0": lambda n: _triangle(n, "triu"),
    "ConstantPadNdBackward0": _unpadded,
    "CatBackward0": _joined_part,
    "StackBackward0": _stacked_part,
    "SplitBackward0": _split,
    "UnsafeSplitBackward0": _split,
    "SplitWithSizesBackward0": _split,
    "UnsafeSplitWithSizesBackward0": _split,
    "UnbindBackward0": _unbound,
}
