"""Exporting a chart: saved to a file, or copied."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import Path
from typing import Any

from textual.app import App

from engine.atomic_files import FileError
from tui.chart.export_dialog import ExportKind, ExportScreen
from tui.chart.figures import picture_file
from tui.kit import clipboard
from tui.kit.spans import Picture


async def ask_and_take(app: App[Any], taken: Picture, name: str) -> None:
    """Ask how to take the chart away, and do it."""
    how = await app.push_screen_wait(ExportScreen())
    if how is not None:
        await take(app, how, taken, name)


async def take(app: App[Any], how: ExportKind, taken: Picture, name: str) -> None:
    """Save a chart or copy it, and say where it went."""
    tokens = app.theme_variables

    def save(kind: picture_file.Format) -> str:
        return str(picture_file.save(taken, kind, tokens, Path(), name).absolute())

    try:
        if how == "copy":
            said = await clipboard.copy(taken.text, app.copy_to_clipboard, lambda _: save("txt"))
        else:
            said = f"saved as {await to_thread(save, how)}"
    except FileError as error:
        app.notify(str(error), severity="error")
    else:
        app.notify(said)
