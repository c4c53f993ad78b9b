"""A vector–Jacobian product of any function of PyTorch, by torch's own autograd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch.utils import _pytree as pytree

from engine.rules.anew.arguments import Arguments, Input
from engine.rules.anew.restored import turned
from engine.rules.anew.stand_ins import STAND_INS
from engine.rules.context import Context
from engine.rules.term import Term

Types = Mapping[torch.dtype, torch.dtype]
"""With which other types numbers are computed."""
DOUBLE: Types = {}
SINGLE: Types = {torch.float64: torch.float32, torch.complex128: torch.complex64}


class Call(NamedTuple):
    """A function with its arguments, and the gradient of every output of its node."""

    operator: Any
    op: str
    arguments: Arguments
    grads: Sequence[Term | None]


def gradient(n: Context, call: Call, types: Types) -> torch.Tensor:
    """The gradient of the wanted argument; where all is saved, of every input in one go."""
    wanted, inputs = call.arguments.wanted, call.arguments.inputs
    if not call.arguments.complete:
        return _gradients(n, call, types, [wanted])[0]
    found = n.once(("gradients", *types.items()), lambda: _gradients(n, call, types, inputs))
    return found[inputs.index(wanted)]  # type: ignore[no-any-return]


def _gradients(n: Context, call: Call, types: Types, wanted: Sequence[Input]) -> list[torch.Tensor]:
    """The gradients in double precision, computed with other types where `types` has them."""

    def live(part: Any) -> Any:
        return _typed(part, types) if isinstance(part, Term) else part

    given = dict(call.arguments.given)
    arguments = pytree.tree_map(live, given, is_leaf=lambda part: isinstance(part, Term))
    leaves = [arguments[name] if at is None else arguments[name][at] for name, at in wanted]
    for leaf in leaves:
        leaf.requires_grad_()
    with torch.enable_grad():
        results = pytree.tree_leaves(_called(call, arguments))
    outputs = [t for t in results if isinstance(t, torch.Tensor) and t.requires_grad]
    grads = turned(call.op, n, outputs, call.grads)
    if len(outputs) < len(grads):  # what nobody asked for was not made
        grads = [g for g in grads if g is not None]
    pairs = [(o, _typed(g, types)) for o, g in zip(outputs, grads, strict=False) if g is not None]
    # One number whose gradients are these: given weights, torch would import half a second's worth.
    with torch.enable_grad():
        total = sum((_weighed(output, g) for output, g in pairs), start=torch.zeros(()))
        found = torch.autograd.grad(total, leaves, materialize_grads=True, allow_unused=True)
    return [_widened(one) for one in found]


def _weighed(output: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
    """Re Σ conj(g) · output, of which the gradient with respect to the output is g."""
    weighed = output * g.reshape(output.shape).to(output.dtype).conj()
    return weighed.sum().real if weighed.is_complex() else weighed.sum()


def _widened(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.detach().to(torch.complex128 if gradient.is_complex() else torch.float64)


def _called(call: Call, arguments: dict[str, Any]) -> Any:
    if call.op in STAND_INS:
        return STAND_INS[call.op](**arguments)
    schema = call.operator._schema.arguments
    positional = [arguments[a.name] for a in schema if not a.kwarg_only]
    keywords = {a.name: arguments[a.name] for a in schema if a.kwarg_only}
    return call.operator(*positional, **keywords)


def _typed(term: Term, types: Types) -> torch.Tensor:
    """The Term's tensor, apart from all others."""
    tensor = torch.as_tensor(term.value, device="cpu").detach().clone()
    return tensor.to(types.get(tensor.dtype, tensor.dtype))
