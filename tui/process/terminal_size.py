"""The size of the terminal itself, where variables of the environment give another one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLES = ("COLUMNS", "LINES")
"""Textual believes these for ever, and Rich from the moment at which an app is made."""


@contextmanager
def real_terminal_size() -> Iterator[None]:
    """Take the variables out of the environment while an app is made and runs."""
    kept = {name: os.environ.pop(name) for name in VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
