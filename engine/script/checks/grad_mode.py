"""Who has switched grad mode off: the decorator or the `with` around a line."""

from __future__ import annotations

import ast
from types import FrameType
from typing import NamedTuple

import torch

from engine.script.checks.places import Place, Places
from engine.script.checks.statements import name_called

NAMES = ("no_grad", "inference_mode", "set_grad_enabled")
"""Functions of torch that switch grad mode off, for a block or for a function."""


class SwitchedOff(NamedTuple):
    """A line that has switched grad mode off, and what to do about it."""

    what: str
    """`@torch.no_grad()` on `step`, or `with torch.no_grad():`."""
    instead: str
    place: Place


def by_statement(place: Place) -> SwitchedOff:
    """Return a line as what has switched grad mode off, for all that follows."""
    return SwitchedOff(
        f"`{place.text}`",
        "Use `with torch.no_grad():` around what is not trained, which switches it on again.",
        place,
    )


def switched_off(
    frame: FrameType, places: Places, statement: SwitchedOff | None = None
) -> SwitchedOff | None:
    """Return what around a frame's line switches grad mode off; None where it is on.

    `statement` is what did so for good, where nothing around the line does.
    """
    if torch.is_grad_enabled() and not torch.is_inference_mode_enabled():
        return None
    own = places.files.nearest(frame)
    while own is not None:
        found = _in_frame(own, places)
        if found is not None:
            return found
        own = places.files.nearest(own.f_back)
    return statement


def switched_off_by_torch(frame: FrameType, places: Places) -> SwitchedOff | None:
    """Return why grad mode is off in what torch calls: a hook, or a method of a Function."""
    inner: FrameType | None = None
    outer: FrameType | None = frame
    while outer is not None and not torch.is_grad_enabled():
        if places.files.index(outer.f_code.co_filename) is not None:
            inner = outer
        elif inner is not None and outer.f_code in _CALLERS:
            name = inner.f_code.co_name
            called = "a hook" if name == "<lambda>" else name
            return SwitchedOff(
                f"{_CALLERS[outer.f_code]} {called}",
                "Write `with torch.enable_grad():` around it.",
                places.at(inner, inner.f_lineno),
            )
        outer = outer.f_back
    return None


_CALLERS = {
    torch.autograd.graph._engine_run_backward.__code__: "the pass that runs",
    vars(torch.autograd.Function)["apply"].__func__.__code__: "Function.apply, which runs",
}


def _in_frame(frame: FrameType, places: Places) -> SwitchedOff | None:
    file = places.files.index(frame.f_code.co_filename) or 0
    line, best = frame.f_lineno, None
    for node in places.files.nodes(file):
        if isinstance(node, ast.With | ast.AsyncWith) and _spans(node, line):
            for item in node.items:
                if _switches(item.context_expr) and node.body[0].lineno <= line:
                    text = f"`with {ast.unparse(item.context_expr)}:`"
                    best = SwitchedOff(
                        text,
                        "Take what is trained out of that block.",
                        places.of(item.context_expr.lineno, file),
                    )
        elif isinstance(node, ast.FunctionDef) and _spans(node, line):
            for decorator in node.decorator_list:
                if _switches(decorator) and node.name == frame.f_code.co_name:
                    text = f"`@{ast.unparse(decorator)}` on {node.name}"
                    best = SwitchedOff(
                        text,
                        f"Take the decorator off, and call {node.name} under no_grad only where "
                        "it does not train.",
                        places.of(decorator.lineno, file),
                    )
    return best


def _spans(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _switches(expression: ast.expr) -> bool:
    function = expression.func if isinstance(expression, ast.Call) else expression
    return name_called(function) in NAMES
