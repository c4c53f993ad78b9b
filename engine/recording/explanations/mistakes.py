"""Mistakes that explain themselves: what happened, why, and what to write instead.

Torch-free: works on the records alone, so a screen can ask while it draws.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from engine.autograd.values import TensorView
from engine.recording.explanations.explanation import Explanation
from engine.recording.explanations.known_errors import NO_GRADIENT, explain, worker_error
from engine.recording.findings import NOT_FINITE, Finding
from engine.recording.records import Moment, Recording, ScriptError, SilentWrite
from engine.recording.source_lines import source_lines
from engine.recording.syntax import statement_in

AHEAD = 20
"""So many lines ahead is looked for what becomes of a name."""


def explanation_of(recording: Recording, finding: Finding) -> Explanation:
    """The sentences of a finding, without its place.

    What is not finite may have been found long after the pass in which it began.
    """
    instead = finding.instead
    if finding.kind == NOT_FINITE:
        first = recording.passes.first_nonfinite_loss()
        if first is not None and first < finding.number:
            instead = (
                f"The loss is not finite from pass {first:,} on, of which no lines were recorded: "
                f"record them, by g {first} or with `--when nonfinite`."
            )
    return Explanation(finding.what, finding.why, instead)


def explain_error(recording: Recording) -> Explanation | None:
    """The explanation of the error that ended a script, from what its recorder found out.

    Where that found nothing, by the type and the message; None for an unknown one, or no error.
    """
    error = recording.error
    if error is None:
        return None
    found = [one for one in recording.findings if one.is_error]
    at = _raised_at(recording)
    if found and found[-1].moment >= at:
        return explanation_of(recording, found[-1])
    moment = recording.moments[at] if at < len(recording.moments) else None
    return _none_gradient(recording, error, moment) or _known(recording, error)


def _known(recording: Recording, error: ScriptError) -> Explanation | None:
    """What is known of an error by its message and its line."""
    return (
        worker_error(error.message)
        or _saved_count(recording, error)
        or _closure(recording, error)
        or explain(error.type, error.message)
    )


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
    yield from (explanation_of(recording, one) for one in here)
    if error is not None and not any(one.is_error for one in here):
        found = _found_out(recording, index, error)
        known = _known(recording, error) if found is None else explanation_of(recording, found)
        none = _none_gradient(recording, error, moment)
        if none is not None and found is None:
            yield none
        elif known is not None:
            yield known
    warning = explain("UserWarning", moment.output) if "Warning" in moment.output else None
    if warning is not None:
        yield warning
    yield from map(explain_write, moment.silent)
    if index:
        yield from lost_leaves(recording, index)


def _text(recording: Recording, file: int, line: int) -> str:
    files = recording.files
    source = files[file].text if file < len(files) else recording.source
    lines = source_lines(source)
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _is_updated(name: str, text: str) -> bool:
    """Whether a line binds a name to something computed from itself, as `w = w - …` does.

    A loop that comes to the next parameter binds the name of the last one, and loses nothing.
    """
    statement = statement_in(text.strip())
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


def _none_gradient(
    recording: Recording, error: ScriptError, moment: Moment | None
) -> Explanation | None:
    """Why a `.grad` that a line uses is None; None where that is not what was raised."""
    text = _text(recording, error.file, error.line)
    if "NoneType" not in error.message or ".grad" not in text:
        return None
    names = re.findall(r"([A-Za-z_][\w.\[\]]*)\.grad\b", text)
    tensors = {tensor.name: tensor for tensor in moment.tensors} if moment is not None else {}
    for name in names:
        # `net[0].weight` is the net.0.weight of a module, or as it is written of a list.
        tensor = tensors.get(name) or tensors.get(re.sub(r"\[(\w+)\]", r".\1", name))
        if tensor is not None and not tensor.is_leaf and tensor.grad is None:
            return Explanation(
                f"{name}.grad is None, for {name} is no leaf: it was computed ({tensor.grad_fn}).",
                "backward fills the .grad of leaves only; the leaf that it was computed from may "
                "have no name any more.",
                f"Call `{name}.retain_grad()` before backward; or, where it was to be a leaf, ask "
                "for `.requires_grad_()` last.",
            )
        if tensor is not None and not tensor.requires_grad:
            return Explanation(
                f"{name}.grad is None, for {name} does not require grad.",
                "Nothing that is computed from it alone has a graph, so backward never comes here.",
                f"Write `{name}.requires_grad_()` before it is used; or, where it is frozen, leave "
                "it out.",
            )
    return NO_GRADIENT


def _saved_count(recording: Recording, error: ScriptError) -> Explanation | None:
    """Why the saved tensors of a Function are not as many as are taken of them."""
    if "values to unpack" not in error.message:
        return None
    if "saved_tensors" not in _text(recording, error.file, error.line):
        return None
    return Explanation(
        f"backward takes another number of tensors than forward has saved: {error.message}.",
        "ctx.saved_tensors is what one call of ctx.save_for_backward was given, a tuple; a second "
        "call replaces the first.",
        "Write `ctx.save_for_backward(x, w)` once in forward, and take as many in backward.",
    )


def _closure(recording: Recording, error: ScriptError) -> Explanation | None:
    """What is said where the function that an optimizer was given returns nothing."""
    if "float() argument" not in error.message or "NoneType" not in error.message:
        return None
    if ".step(" not in _text(recording, error.file, error.line):
        return None
    return Explanation(
        "The function that the optimizer was given returns nothing.",
        "The optimizer calls it for the loss, as often as it needs it in one step.",
        "Write `return loss` as its last line.",
    )


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
