"""Statements that add a gradient to what it is of: each step goes uphill, wanted or not."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Ascent(NamedTuple):
    """A statement that goes uphill."""

    line: int
    text: str


def ascents(nodes: Iterable[ast.AST]) -> Iterator[Ascent]:
    """Yield `w += rate * w.grad`, `w.data.add_(rate * w.grad)`, `w = w + rate * w.grad`."""
    for node in nodes:
        target, added = _addition(node)
        if target is not None and added is not None and _adds_gradient(target, added):
            yield Ascent(getattr(node, "lineno", 1), ast.unparse(node))


def _addition(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """What a statement or a call adds to, and what it adds."""
    match node:
        case ast.AugAssign(target, ast.Add(), value):
            return target, value
        case ast.Assign([target], ast.BinOp(left, ast.Add(), value)) if _same(target, left):
            return target, value
        case ast.Call(ast.Attribute(target, "add_"), [value], keywords):
            if not any(_is_negative(one.value) for one in keywords):
                return target, value
    return None, None


def _adds_gradient(target: ast.expr, added: ast.expr) -> bool:
    """Whether what is added is the gradient of the target, or a positive multiple."""
    grads = [
        one for one in ast.walk(added) if isinstance(one, ast.Attribute) and one.attr == "grad"
    ]
    own = [one for one in grads if _same(one.value, target)]
    negative = any(_is_negative(one) for one in ast.walk(added) if isinstance(one, ast.expr))
    return bool(own) and not negative


def _is_negative(value: ast.expr) -> bool:
    return isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub)


def _same(one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions are one name, with or without `.data`."""
    return _plain(one) == _plain(other)


def _plain(expression: ast.expr) -> str:
    return ast.unparse(expression).removesuffix(".data")
