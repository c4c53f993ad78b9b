"""Mistakes that explain themselves: what happened, why, and what to write instead.

Torch-free: works on the records alone, so a screen can ask while it draws. PyTorch's messages
are recognised by the parts of their text that have been the same for many versions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from engine.autograd.values import TensorView
from engine.recording.findings import Finding
from engine.recording.records import Recording, ScriptError, SilentWrite

AHEAD = 20
"""So many lines ahead is looked for what becomes of a name."""


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


def explained(finding: Finding) -> Explanation:
    """The sentences of a finding, without its place."""
    return Explanation(finding.what, finding.why, finding.instead)


def explain_error(recording: Recording) -> Explanation | None:
    """The explanation of the error that ended a script, from what its recorder found out.

    Where that found nothing, by the type and the message; None for an unknown one, or no error.
    """
    error = recording.error
    if error is None:
        return None
    found = [one for one in recording.findings if one.is_error]
    if found and found[-1].moment >= _raised_at(recording):
        return explained(found[-1])
    return explain(error.type, error.message)


def _raised_at(recording: Recording) -> int:
    """The index of the first moment of those, at the end, through which the error has gone.

    Blocks that it left, as those of a `with`, may have run lines since.
    """
    at = len(recording.moments)
    least = max(at - AHEAD, 0)
    while at > least and recording.moments[at - 1].error is None:
        at -= 1
    while at and recording.moments[at - 1].error is not None:
        at -= 1
    return at


def explain_write(write: SilentWrite) -> Explanation:
    """The explanation of a silent write, harmful or not."""
    what = f"Line {write.line} changed {write.name} in a way that autograd did not see."
    if not write.harmful:
        return Explanation(
            what,
            "No backward pass has used the old content since, so no gradient is wrong.",
            f"Write `with torch.no_grad():` and change {write.name} in place; autograd sees that.",
        )
    return Explanation(
        what,
        "The graph had saved the old content, and backward then computed with the new one: "
        "its gradients are wrong, and nothing warned.",
        "Change a copy (`.detach().clone()`), or leave .data and .numpy() alone until after "
        "backward.",
    )


def advice(recording: Recording, index: int) -> tuple[Explanation, ...]:
    """Everything there is to explain about one moment."""
    return tuple(_advice(recording, index))


def _advice(recording: Recording, index: int) -> Iterator[Explanation]:
    moment = recording.moments[index]
    error = moment.error
    here = [one for one in recording.findings if one.moment == index]
    yield from (explained(one) for one in here)
    if error is not None and not any(one.is_error for one in here):
        found = _found_out(recording, index, error)
        known = explain(error.type, error.message) if found is None else explained(found)
        if known is not None:
            yield known
        elif "NoneType" in error.message and ".grad" in _text(recording, error.file, error.line):
            yield _NO_GRADIENT
    warning = explain("UserWarning", moment.output) if "Warning" in moment.output else None
    if warning is not None:
        yield warning
    yield from map(explain_write, moment.silent)
    if index:
        yield from lost_leaves(recording, index)


def _text(recording: Recording, file: int, line: int) -> str:
    files = recording.files
    source = files[file].text if file < len(files) else recording.source
    lines = source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _is_updated(name: str, text: str) -> bool:
    """Whether a line binds a name to something computed from itself, as `w = w - …` does.

    A loop that comes to the next parameter binds the name of the last one, and loses nothing.
    """
    try:
        (statement,) = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError):
        return False
    if not isinstance(statement, ast.Assign):
        return False
    bound = {node.id for one in statement.targets for node in ast.walk(one) if _is_name(node)}
    used = {node.id for node in ast.walk(statement.value) if _is_name(node)}
    return name in bound and name in used


def _is_name(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _is_tracked_again(recording: Recording, index: int, name: str) -> bool:
    """Whether the name stands for a leaf again before anything else is made of it."""
    for at in range(index + 1, min(index + 1 + AHEAD, len(recording.moments))):
        moment = recording.moments[at]
        if moment.backward is not None:
            return False
        if name in moment.changed:
            tensor = next((one for one in moment.tensors if one.name == name), None)
            return tensor is not None and tensor.is_leaf and tensor.requires_grad
    return False


def _found_out(recording: Recording, index: int, error: ScriptError) -> Finding | None:
    """What was found out of an error where it was raised, that has come up to a moment's line."""
    for one in reversed(recording.findings):
        if one.is_error and index - AHEAD < one.moment < index:
            raised = recording.moments[one.moment].error
            if raised is not None and str(raised) == str(error):
                return one
    return None


def lost_leaves(recording: Recording, index: int) -> Iterator[Explanation]:
    """Names of leaves that had a gradient and now stand for a tensor that will get none."""
    before, after = recording.moments[index - 1], recording.moments[index]
    if (before.function, before.depth) != (after.function, after.depth):
        return
    leaves = {tensor.name: tensor for tensor in before.tensors if _trained(tensor)}
    for tensor in after.tensors:
        if tensor.name in after.changed and tensor.name in leaves:
            name = tensor.name
            text = _text(recording, after.file, after.line)
            if not _is_updated(name, text) or _is_tracked_again(recording, index, name):
                continue
            instead = f"Write `with torch.no_grad():` and then `{name} -= …`, which keeps the leaf."
            if not tensor.is_leaf:
                yield Explanation(
                    f"{name} is no longer a leaf: the name now stands for a computed tensor.",
                    f"`{name} = …` outside no_grad makes a new tensor with a history; backward "
                    f"fills .grad of leaves only, so {name}.grad will stay None.",
                    instead,
                )
            elif not tensor.requires_grad:
                yield Explanation(
                    f"{name} is no longer tracked: the name now stands for another tensor.",
                    f"`{name} = …` under no_grad makes a new tensor that does not require grad, "
                    f"so nothing computed from {name} will have a graph.",
                    instead,
                )


def _trained(tensor: TensorView) -> bool:
    return tensor.is_leaf and tensor.requires_grad and tensor.grad is not None


def _known(error_type: str, text: str, what: str, why: str, instead: str) -> _Known:
    return _Known(error_type, re.compile(text), Explanation(what, why, instead))


_NO_GRADIENT = Explanation(
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
        _NO_GRADIENT,
    ),
    _known(
        "RuntimeError",
        r"[Oo]nly Tensors of floating point (and complex )?dtype can require gradients",
        "A tensor of integers was asked to require grad.",
        "A derivative needs numbers that can change by a little.",
        "Make it of floats: `torch.tensor([1., 2.])` or `t.float()`.",
    ),
)
