"""Rules of operations that write into a part: the gradient of what was overwritten ends there."""

from __future__ import annotations

from collections.abc import Callable

import torch

from engine.rules.context import Context, Rules, summed_to_input
from engine.rules.families.indexing import cut_of, indices_of, part_text
from engine.rules.functions import where
from engine.rules.term import Content, Term, build, lift
from engine.rules.text import ATOM, POWER, SUM, WORDS, Text

OVERWRITTEN = "what was overwritten has no influence any more"


def cleared(g: Term, where_: str, clear: Callable[..., object], *others: Term) -> Term:
    """`g` with zeros where something was written: `clear` gets a copy and puts zeros there."""

    def without(a: torch.Tensor, *contents: Content) -> torch.Tensor:
        copy = a.clone()
        clear(copy, *contents)
        return copy

    return g.worded(f"{{}}, 0 at {where_}", without, *others).noted(OVERWRITTEN)


def _dim(n: Context) -> int:
    return n.integer("dim") % max(len(n.g_shape), 1)


def _flat(index: torch.Tensor) -> torch.Tensor:
    return index.long().reshape(-1)


def _index_over(n: Context) -> Term:
    dim = _dim(n)
    text = f"{{}} along dim {dim}"
    return cleared(n.g, text, lambda a, i: a.index_fill_(dim, _flat(i), 0), n.index)


def _index_in(n: Context) -> Term:
    dim = _dim(n)

    def pick(a: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        return a.index_select(dim, _flat(index)).reshape(n.shape)

    return n.g.worded(f"{{}}[{{}}] along dim {dim}", pick, n.index, within=ATOM)


def _index_value(n: Context) -> Term:
    dim = _dim(n)

    def pick(a: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        return a.index_select(dim, torch.as_tensor(sorted(set(_flat(index).tolist())))).sum()

    return n.g.worded(f"sum of {{}}[unique({{}})] along dim {dim}", pick, n.index, within=ATOM)


def _index_put_over(n: Context) -> Term:
    if n.plain("accumulate"):
        return n.g
    text, indices, key = indices_of(n)

    def clear(a: torch.Tensor, *given: torch.Tensor) -> None:
        a[key(*given)] = 0

    return cleared(n.g, text, clear, *indices)


def _as_wide_as_input(n: Context, picked: Term) -> Term:
    """Summed over the dimensions along which the source was broadcast, where that is known."""
    if picked.value is None:
        return picked
    return summed_to_input(n, picked, tuple(picked.value.shape))


def _index_put_in(n: Context) -> Term:
    text, indices, key = indices_of(n)
    picked = n.g.worded(
        f"{{}}{text}", lambda a, *given: a[key(*given)], *indices, binding=ATOM, within=ATOM
    )
    return _as_wide_as_input(n, picked)


def _scattered_over(n: Context) -> Term:
    dim = _dim(n)
    text = f"{{}} along dim {dim}"
    return cleared(n.g, text, lambda a, index: a.scatter_(dim, index.long(), 0.0), n.index)


def _scattered_in(n: Context) -> Term:
    dim = _dim(n)
    return n.g.worded(
        f"{{}}[{{}}] along dim {dim}",
        lambda a, index: a.gather(dim, index.long()),
        n.index,
        within=ATOM,
    )


def _put_over(n: Context) -> Term:
    if n.plain("accumulate"):
        return n.g
    return cleared(
        n.g, "{}", lambda a, index: a.put_(index.long(), torch.zeros(index.shape).to(a)), n.index
    )


def _masked_source(n: Context) -> Term:
    def pack(a: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        picked = a[mask.bool().expand(a.shape)]
        packed = a.new_zeros(n.shape).reshape(-1)
        packed[: len(picked)] = picked
        return packed.reshape(n.shape)

    return n.g.worded("{}[{}], then 0", pack, n.mask)


def _part(n: Context) -> tuple[str, Callable[[torch.Tensor], torch.Tensor]]:
    """What a slice, a selection or a diagonal is, as text and as a view."""
    if n.plain("index") is not None:
        dim, index = _dim(n), n.integer("index")
        return part_text(dim, index), lambda a: a.select(dim, index)
    if n.plain("offset") is not None:
        settings = [n.integer(name) for name in ("offset", "dim1", "dim2")]
        return "the diagonal", lambda a: a.diagonal(*settings)
    text, cut = cut_of(n, n.g_shape)
    return text, lambda a: a[cut]


def _part_over(n: Context) -> Term:
    text, view = _part(n)
    return cleared(n.g, text, lambda a: view(a).zero_())


def _part_in(n: Context) -> Term:
    text, view = _part(n)
    if text.startswith("["):
        return n.g.worded(f"{{}}{text}", view, binding=ATOM, within=ATOM)
    return n.g.worded(f"{text} of {{}}", view)


WHOLLY_REPLACED = {"__setitem__", "copy_", "fill_", "zero_"}
"""The functions after which nothing is left of what was there."""
ADDED = {"add_": 1, "__iadd__": 1, "sub_": -1, "__isub__": -1}
"""The functions after which all of what was there still counts, and the sign of what came."""
SCALED = {"mul_": 1, "__imul__": 1, "div_": -1, "__itruediv__": -1}
"""The functions that multiply what was there by the power of their operand."""
WRITTEN = "written: the positions of that part in the whole, row by row"
PASSED_ON = "in the written part: what the rule of {} passes on, of which autograd shows nothing"


def _unknown(_: torch.Tensor) -> None:
    """What cannot be computed."""
    return


def _passed_on(n: Context, text: str) -> Term:
    by = n.plain("by") or "that operation"
    return n.g.worded(text.format(by=by), _unknown).noted(PASSED_ON.format(by))


def _copied_over(n: Context) -> Term:
    by = n.plain("by")
    if by in ADDED:
        return n.g
    if by in SCALED and n.has("written") and n.plain("operand") is not None:
        return _scaled(n, SCALED[str(by)])
    if by not in WHOLLY_REPLACED:
        return _passed_on(n, "{{}}, in the part that {by} wrote by its rule")
    if not n.has("written"):
        return n.g.worded("{}, 0 in the written part", _unknown).noted(OVERWRITTEN)
    return cleared(
        n.g, "{}", lambda a, at: a.view(-1).index_fill_(0, _flat(at), 0), n.written
    ).noted(WRITTEN)


def _scaled(n: Context, power: int) -> Term:
    """The gradient, in the written part times or divided by the operand."""
    operand = n.operand

    def scale(a: torch.Tensor, at: torch.Tensor, factor: Content) -> torch.Tensor:
        whole = a.clone()
        part = a.take(at.long())
        whole.view(-1).put_(at.long(), part * factor if power > 0 else part / factor)
        return whole

    sign = "·" if power > 0 else "/"
    return build(
        lambda g, at, by: Text(f"{g.within(SUM)}, {sign} {by.within(POWER)} at {at.text}", WORDS),
        scale,
        lambda g, at, by: scale(g.size, at.value, torch.as_tensor(by.value).abs()),
        n.g,
        n.written,
        operand,
    ).noted(WRITTEN)


def _copied_in(n: Context) -> Term:
    by = n.plain("by")
    if by not in WHOLLY_REPLACED and by not in ADDED:
        return _passed_on(n, "what {by} passes on of the written part of {{}}")
    if not n.has("written"):
        return n.g.worded("the written part of {}", _unknown)
    picked = n.g.worded(
        "{}[{}]", lambda a, at: a.take(at.long()), n.written, binding=ATOM, within=ATOM
    )
    whole = _as_wide_as_input(n, picked).noted(WRITTEN)
    return -whole if ADDED.get(str(by), 1) < 0 else whole


def _all_of(n: Context) -> Term:
    return n.g.worded("sum of {}", lambda a: a.sum())


PART = (_part_over, _part_in)

RULES: Rules = {
    "IndexPutBackward0": (_index_put_over, _index_put_in),
    "IndexPutImplBackward0": (_index_put_over, _index_put_in),
    "UnsafeIndexPutBackward0": (_index_put_over, _index_put_in),
    "IndexAddBackward0": (lambda n: n.g, lambda n: _index_in(n) * n.alpha),
    "IndexCopyBackward0": (_index_over, _index_in),
    "IndexFillBackward0": _index_over,
    "IndexFillBackward1": (_index_over, _index_value),
    "ScatterBackward0": (_scattered_over, _scattered_in),
    "ScatterBackward1": _scattered_over,
    "ScatterAddBackward0": (lambda n: n.g, _scattered_in),
    "PutBackward0": (
        _put_over,
        lambda n: n.g.worded(
            "{}[{}]", lambda a, i: a.take(i.long()).reshape(n.shape), n.index, within=ATOM
        ),
    ),
    "MaskedScatterBackward0": (
        lambda n: summed_to_input(n, where(n.mask, 0, n.g)),
        _masked_source,
    ),
    # An operation in place has three further tensors at most, as `addcmul_`.
    "CopySlices": (_copied_over, *[_copied_in] * 3),
    "SliceScatterBackward0": PART,
    "SelectScatterBackward0": PART,
    "DiagonalScatterBackward0": PART,
    "SliceInverseBackward0": (_part_in, _part_over),
    "FillBackward0": lambda n: lift(0),
    "FillBackward1": (lambda n: lift(0), _all_of),
    "FillBackward2": lambda n: lift(0),
    "FillBackward3": (lambda n: lift(0), _all_of),
}
