"""Keeping functions that a compiled script calls, and that are not its own, out of its graphs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any, Self

from torch._C._dynamo.eval_frame import (
    _FrameAction,
    _FrameExecStrategy,
    set_code_exec_strategy,
    set_eval_frame,
)

COMPILER = "torch._dynamo"
"""The module that is loaded where anything can have been compiled."""


def never_compile(code: CodeType) -> None:
    """Have torch run the code, and functions made in it, as they are, wherever they are called."""
    as_it_is = _FrameExecStrategy(_FrameAction.SKIP, _FrameAction.DEFAULT)
    set_code_exec_strategy(code, as_it_is)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            never_compile(part)


def compiler_is_loaded() -> bool:
    """Whether anything can have been compiled."""
    return COMPILER in sys.modules


class NotCompiled:
    """While entered, what a compiled function calls of ours is not compiled along with it."""

    def __enter__(self) -> Self:
        self._compiler = set_eval_frame(None)
        return self

    def __exit__(self, *failure: object) -> None:
        set_eval_frame(self._compiler)

    def without(
        self, function: Callable[..., Any], first: Any, others: Any, named: dict[str, Any]
    ) -> Any:
        """What the function gives back, run as if we were not there."""
        ours = set_eval_frame(self._compiler)
        try:
            return function(first, *others, **named)
        finally:
            set_eval_frame(ours)

    never_compile(__enter__.__code__)
