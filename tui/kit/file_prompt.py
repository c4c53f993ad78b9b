"""Asking for a file's name, and writing a file that somebody asked for."""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import Callable
from pathlib import Path

from textual.app import App

from engine.atomic_files import FileError
from tui.kit.file_path import file_path
from tui.kit.prompt import PromptScreen
from tui.kit.question import QuestionScreen


async def ask_path(app: App[None], title: str, text: str = "") -> Path | None:
    """Ask for a path, with `text` to begin with; None where nothing is answered. In a worker."""
    answer = await app.push_screen_wait(PromptScreen(title, "a file's name", file_path, text))
    return file_path(answer) if answer else None


async def may_overwrite(app: App[None], why: str) -> bool:
    """Ask whether a file may be replaced; `why` says what is there. In a worker."""
    words = f"{why} Its content would be lost."
    return await app.push_screen_wait(
        QuestionScreen("overwrite it?", words, "overwrites", "keeps it")
    )


async def export_file(app: App[None], path: Path, write: Callable[[], object]) -> None:
    """Write a file on a thread and say so, or why that failed, in one line. In a worker.

    Where one is there it is asked whether that may be replaced.
    """
    there = await to_thread(os.path.isfile, path)  # which raises for no name
    if there and not await may_overwrite(app, f"{path} is there already."):
        return
    try:
        await to_thread(write)
    except FileError as error:
        app.notify(str(error), severity="error")
    else:
        app.notify(f"exported to {path}")
