"""What the command palette can do with your own versions: change, open, compare, save."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from textual.app import App, SystemCommand

from engine import atomic_files
from engine.lessons import LESSONS
from tui.graph.edit.editing import Editing
from tui.kit.file_prompt import ask_path, export_file


def version_commands(
    app: App[None], editing: Editing, side_by_side: Callable[[], object]
) -> Iterator[SystemCommand]:
    """Yield the commands; a version of what is open comes first, then those of lessons.

    `side_by_side` shows the mistake that is open beside what is right.
    """
    yield SystemCommand(
        "Change the text", "of what the Graph tab shows", lambda: editing.begin(whole=True)
    )
    yield SystemCommand(
        "Side by side",
        "the mistake in the Graph tab and what is right, in lockstep",
        side_by_side,
    )
    own = editing.own([lesson.key for lesson in LESSONS])
    for base in own if editing.shows_original else own[1:]:
        yield SystemCommand(
            _capital(editing.title(base)),
            "runs it beside the original",
            lambda base=base: editing.open_version(base),
        )
    if own and own[0] == editing.base:
        yield SystemCommand(
            "Original or your version", "the one that is not on the screen", editing.toggle
        )
        yield SystemCommand(
            "Save your version as",
            "a Python file; the original stays as it is",
            lambda: app.run_worker(save_version(app, editing)),
        )


async def save_version(app: App[None], editing: Editing) -> None:
    """Ask for a file's name, and write the version of what is open there."""
    text = editing.versions.text(editing.base)
    if text is None:
        app.notify("nothing is changed here", severity="error")
        return
    path = await ask_path(app, "save your version as", f"{Path(editing.base).stem}_changed.py")
    if path is None:
        return
    data = text.encode("utf-8", "surrogatepass")
    await export_file(app, path, lambda: atomic_files.write(path, [data]))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
