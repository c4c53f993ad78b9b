"""Statements that do nothing, though they look as if they did.

As `loss.backward` without brackets, and clipping before there is a gradient.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Sequence

from engine.recording.findings import Finding

NOT_CALLED = "not called"
"""The kind of finding of a method that is named as a statement."""
CALLED = {
    "backward": "no gradient is computed",
    "step": "no parameter is changed",
    "zero_grad": "no gradient is zeroed",
}
"""Methods that somebody means to call who writes them as a statement, and what is missing then."""
MISSPELT = frozenset({"require_grad", "required_grad", "require_grads", "requires_grads"})
"""What people write for `requires_grad`."""
CLIPS = frozenset({"clip_grad_norm_", "clip_grad_value_"})
"""Functions that clip gradients."""
_DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def statements(nodes: Sequence[ast.AST], file: int) -> Iterator[Finding]:
    """Yield the statements of a file, given by all its syntax, that do nothing or come early."""
    # An attribute that is read somewhere is one of the project's own.
    own = {
        one.attr
        for one in nodes
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Load)
    }
    clips = any(isinstance(one, ast.Call) and name_called(one.func) in CLIPS for one in nodes)
    for node in nodes:
        if clips:
            yield from _clipped_early(node, file)
        yield from _misspelt(node, file, own)
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Attribute):
            continue
        name = node.value.attr
        if name in CALLED:
            text = ast.unparse(node.value)
            yield Finding(
                NOT_CALLED,
                f"`{text}` names the method and does not call it: {CALLED[name]}.",
                "Without brackets Python looks the method up and drops it.",
                f"Write `{text}()`.",
                line=node.lineno,
                file=file,
            )


def _misspelt(node: ast.AST, file: int, own: Container[str]) -> Iterator[Finding]:
    """An assignment to what is nearly `requires_grad`, and does nothing."""
    for target in node.targets if isinstance(node, ast.Assign) else []:
        if isinstance(target, ast.Attribute) and target.attr in MISSPELT and target.attr not in own:
            yield Finding(
                "misspelt",
                f"`{ast.unparse(target)}` is no setting of a tensor: it is requires_grad.",
                "Python makes a new attribute of any name, and autograd does not look at it.",
                f"Write `{ast.unparse(target.value)}.requires_grad`.",
                line=target.lineno,
                file=file,
            )


def _clipped_early(node: ast.AST, file: int) -> Iterator[Finding]:
    """A block in whose order gradients are clipped, then computed, then stepped with."""
    for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
        if not isinstance(block, list):
            continue
        order = [(one, name) for one in block for name in _called(one)]
        names = [name for _, name in order]
        if "backward" not in names:
            continue
        first = names.index("backward")
        clips = [one for one, name in order[:first] if name in CLIPS and one is not order[first][0]]
        if clips and "step" in names[first:] and "step" not in names[:first]:
            yield Finding(
                "clipping",
                "Gradients are clipped here before backward has computed them.",
                "There is none yet, or only one of the pass before; the step then goes along the "
                "whole of the new ones.",
                "Clip between backward and the optimizer's step.",
                line=clips[-1].lineno,
                file=file,
            )


def _called(statement: ast.stmt) -> list[str]:
    """The names of the methods and functions that a statement calls, in the order of its text."""
    calls = [node.func for node in _run_by(statement) if isinstance(node, ast.Call)]
    names = [(call.end_lineno or 0, call.end_col_offset or 0, name_called(call)) for call in calls]
    return [name for _, _, name in sorted(names)]


def _run_by(node: ast.AST) -> Iterator[ast.AST]:
    """What runs with a statement: a function that is only defined there runs when it is called."""
    if not isinstance(node, _DEFINED):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _run_by(child)


def name_called(function: ast.expr) -> str:
    """Return the name that a function or a method is called by; "" where it has none."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
