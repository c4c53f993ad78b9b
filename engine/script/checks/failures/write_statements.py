"""A statement that changes a tensor in place: what it writes to, and what to write instead."""

from __future__ import annotations

import ast

from engine.recording.syntax import statement_in

STEPS = ("step", "zero_grad", "backward", "copy", "fill", "set")
"""Methods that are called to change something."""


def instead_of(text: str, saver: str, name: str | None) -> str:
    """Return what to write in place of a statement, whose tensor has a name or none."""
    if ".step(" in text:
        return (
            f"Call every backward before `{text}`, or compute what needs {name or 'it'} again "
            "after it."
        )
    out_of_place = _out_of_place(text)
    if out_of_place:
        return f"Write `{out_of_place}`: a new tensor, and {saver} keeps the old one."
    if is_hidden(text):
        return f"Leave out `inplace=True`: {saver} keeps the old tensor, and this makes a new one."
    what = name or "the tensor"
    return f"Change a copy, `{name or 't'}.clone()`, or change {what} after backward."


def is_hidden(text: str) -> bool:
    """Return whether a statement that changes a tensor does not look so, as a call in it does."""
    statement = statement_in(text)
    if statement is None:
        return text.startswith("return ")  # outside of its function it is no Python
    if not isinstance(statement, ast.Assign | ast.Return | ast.Expr):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    plain = all(isinstance(target, ast.Name) for target in targets)
    return plain and not any(
        isinstance(one, ast.Attribute) and (one.attr.endswith("_") or one.attr in STEPS)
        for one in calls
    )


def target_of(text: str) -> str | None:
    """Return the name that a changing statement writes to: `g` of `g += 1`; None for none."""
    statement = statement_in(text)
    target: ast.AST | None = None
    if isinstance(statement, ast.AugAssign):
        target = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        in_place = isinstance(called, ast.Attribute) and called.attr.endswith("_")
        target = called.value if isinstance(called, ast.Attribute) and in_place else None
    elif isinstance(statement, ast.Assign):
        target = statement.targets[0]
    while isinstance(target, ast.Subscript):
        target = target.value
    return ast.unparse(target) if target is not None else None


def _out_of_place(text: str) -> str | None:
    """A changing statement as one that makes a new tensor; None where there is none so simple."""
    statement = statement_in(text)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        target = statement.target.id
        new = ast.BinOp(ast.Name(target), statement.op, statement.value)
        return f"{target} = {ast.unparse(new)}"
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        owner, method = call.func.value, call.func.attr
        simple = isinstance(owner, ast.Name) and method.endswith("_") and not method.endswith("__")
        if simple and method not in ("zero_", "copy_", "fill_"):
            call.func.attr = method[:-1]
            return f"{ast.unparse(owner)} = {ast.unparse(call)}"
    return None
