"""Source text as syntax, read to learn what it says, and never to be run.

Python warns of what it reads, as of unknown escapes. Who runs a script is told so when that is
compiled: a warning of the file `READ` is for nobody.
"""

from __future__ import annotations

import ast

READ = "<read>"
"""The file that Python takes such texts to be from."""
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def module_in(text: str) -> ast.Module:
    """The syntax of a whole file; without a statement where Python cannot read it."""
    try:
        return ast.parse(text, READ)
    except _UNREADABLE:
        return ast.Module([], [])


def statement_in(text: str) -> ast.stmt | None:
    """A text's only statement; None where it is not one, and all of it."""
    body = module_in(text).body
    return body[0] if len(body) == 1 else None


def expression_in(text: str) -> ast.expr | None:
    """A text as an expression; None where it is none."""
    try:
        return ast.parse(text, READ, mode="eval").body
    except _UNREADABLE:
        return None
