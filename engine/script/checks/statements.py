"""Statements that do nothing, though they look as if they did: `loss.backward` without brackets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.recording.findings import Finding

CALLED = {
    "backward": "no gradient is computed",
    "step": "no parameter is changed",
    "zero_grad": "no gradient is zeroed",
}
"""Methods that somebody means to call who writes them as a statement, and what is missing then."""


def statements(tree: ast.Module, file: int) -> Iterator[Finding]:
    """What a file, given as syntax, names without calling it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Attribute):
            continue
        name = node.value.attr
        if name in CALLED:
            text = ast.unparse(node.value)
            yield Finding(
                "not called",
                f"`{text}` names the method and does not call it: {CALLED[name]}.",
                "Without brackets Python looks the method up and drops it.",
                f"Write `{text}()`.",
                line=node.lineno,
                file=file,
            )
