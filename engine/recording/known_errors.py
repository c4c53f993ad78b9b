"""What PyTorch's own error messages mean: what happened, why, and what to write instead.

The messages are recognised by the parts of their text that have been the same for many versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One mistake in three plain sentences."""

    what: str
    """One sentence that says what PyTorch did or refused."""
    why: str
    instead: str
    """One sentence that says what to write in its place."""


@dataclass(frozen=True, slots=True)
class _Known:
    type: str
    pattern: re.Pattern[str]
    explanation: Explanation


def explain(error_type: str, message: str) -> Explanation | None:
    """The explanation of an exception (or warning) by its type's name; None for an unknown one."""
    for known in _KNOWN:
        if known.type == error_type and known.pattern.search(message):
            return known.explanation
    return None


def _known(error_type: str, text: str, what: str, why: str, instead: str) -> _Known:
    return _Known(error_type, re.compile(text), Explanation(what, why, instead))


NO_GRADIENT = Explanation(
    "A gradient was used that is not there: .grad is None.",
    "A leaf has no .grad before its first backward pass, and a computed tensor never has.",
    "Ask first, `if w.grad is not None:`, or set `w.grad = None` instead of zeroing.",
)

_KNOWN = (
    _known(
        "RuntimeError",
        r"Can't call numpy\(\) on Tensor that requires grad",
        "A NumPy array was asked of a tensor that requires grad.",
        "NumPy keeps no history, so what is computed with the array would have no gradient.",
        "Write `t.detach().numpy()`; it shares memory, so do not change the array.",
    ),
    _known(
        "RuntimeError",
        r"grad can be implicitly created only for scalar outputs",
        "backward() was called on a tensor of several elements.",
        "Autograd differentiates one number; of several it must know how much each counts.",
        "Reduce it, `z.mean().backward()`, or give weights, `z.backward(torch.ones_like(z))`.",
    ),
    _known(
        "RuntimeError",
        r"backward through the graph a second time",
        "Backward went through the same graph a second time.",
        "The first pass freed what the graph had saved.",
        "Run the forward pass again, or write `backward(retain_graph=True)` the first time.",
    ),
    _known(
        "RuntimeError",
        r"a view of a leaf Variable that requires grad is being used in an in-place operation",
        "A part of a leaf that requires grad was changed in place.",
        "The part shares the leaf's memory, and a leaf must keep the values it was used with.",
        "Change it inside `with torch.no_grad():`, or change a copy, `t.clone()`.",
    ),
    _known(
        "RuntimeError",
        r"a leaf Variable that requires grad is being used in an in-place operation",
        "A leaf that requires grad was changed in place.",
        "Changed with history it would be computed from itself, and a leaf no more.",
        "Write the change inside `with torch.no_grad():`.",
    ),
    _known(
        "RuntimeError",
        r"modified by an inplace operation",
        "A tensor that backward needs was changed in place after the graph had saved it.",
        "Its version is newer than the saved one, so the gradient would be of other values.",
        "Make a new tensor, `b = b + 1` instead of `b += 1`, or change it after backward.",
    ),
    _known(
        "RuntimeError",
        r"does not require grad and does not have a grad_fn",
        "backward() was called on a tensor that has no graph.",
        "Nothing it was computed from requires grad, or no_grad, .detach(), .data, .item() or an "
        "integer type cut the history off.",
        "Give the parameters requires_grad=True, and compute the loss from them with torch alone.",
    ),
    _known(
        "UserWarning",
        r"\.grad attribute of a Tensor that is not a leaf Tensor is being accessed",
        ".grad of a computed tensor was read.",
        "Backward keeps gradients only in leaves; in between they are passed on and dropped.",
        "Call `t.retain_grad()` before backward, or read .grad of the leaf.",
    ),
    _Known(
        "AttributeError",
        re.compile(
            r"'NoneType' object has no attribute '(zero_|data|detach_?|item|clone|norm|mul_)'"
        ),
        NO_GRADIENT,
    ),
    _known(
        "ValueError",
        r"can't optimize a non-leaf Tensor",
        "An optimizer was given a tensor that is no leaf.",
        "It was computed (by `.double()`, `.to()`, `* 0.1` …) from one that requires grad, and "
        "only leaves get a gradient to be stepped with.",
        "Make it as it is to be, ask for `.requires_grad_()` last, and give that to the optimizer.",
    ),
    _known(
        "RuntimeError",
        r"result type Float can't be cast to the desired output type (Long|Int|Bool)",
        "Numbers with a fraction were to be written into integers: the targets are of an integer "
        "dtype.",
        "This loss compares floats with floats; only cross_entropy takes class numbers.",
        "Write `target.float()`.",
    ),
    _known(
        "RuntimeError",
        r"[Oo]nly Tensors of floating point (and complex )?dtype can require gradients",
        "A tensor of integers was asked to require grad.",
        "A derivative needs numbers that can change by a little.",
        "Make it of floats: `torch.tensor([1., 2.])` or `t.float()`.",
    ),
)
