"""Copying that works over SSH and in tmux, and says by which method.

The terminal's own clipboard is reached by OSC 52, an escape sequence that nobody answers. tmux
swallows it by default, but passes on what is loaded into its own buffer; where neither can
work a file is left.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

Method = Literal["tmux", "osc 52", "file"]

OSC_LIMIT = 74_000
"""Bytes that terminals take at least, as xterm does, before they are encoded in base64."""
TMUX_SECONDS = 2.0
"""How long tmux may take before it counts as gone."""


def method(environ: Mapping[str, str], size: int) -> Method:
    """Return how to copy so many bytes from a terminal with this environment."""
    if in_tmux(environ):
        return "tmux"
    if environ.get("STY") or environ.get("TERM") == "linux" or size > OSC_LIMIT:
        return "file"
    return "osc 52"


async def copy(text: str, osc: Callable[[str], None], leave: Callable[[str], str]) -> str:
    """Copy a text; returns one line that says how.

    `osc` writes OSC 52, as `App.copy_to_clipboard` does; `leave` writes a file and returns its
    name, and may raise `engine.atomic_files.FileError`.
    """
    chosen = method(os.environ, len(text.encode()))
    if chosen == "tmux" and await load_buffer(text):
        return "copied through tmux"
    if chosen == "osc 52":
        osc(text)
        return "copied by OSC 52, if the terminal allows it"
    return f"no clipboard can be reached: saved as {leave(text)}"


def in_tmux(environ: Mapping[str, str]) -> bool:
    """Whether a process with this environment runs in tmux, which swallows OSC 52 by default."""
    return bool(environ.get("TMUX"))


async def load_buffer(text: str) -> bool:
    """Hand a text to tmux, which hands it on to the terminal outside (since tmux 3.2)."""
    with suppress(OSError, asyncio.TimeoutError):
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await asyncio.wait_for(process.communicate(text.encode()), TMUX_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
        return process.returncode == 0
    return False
