"""Recording a mistake and what is right, and showing them side by side."""

from __future__ import annotations

from asyncio import to_thread

from textual.app import App

from engine.lessons import find
from engine.lessons.wrong_and_right import right_path, wrong_and_right
from tui.graph.side_by_side.race import Race
from tui.graph.side_by_side.screen import SideBySideScreen
from tui.graph.subjects.loader import record_lesson


async def open_side_by_side(app: App[None], key: str) -> None:
    """Show the mistake of a key beside what is right; say so where it is none. In a worker."""
    lesson = find(key)
    if lesson is None or wrong_and_right(lesson.path) is None:
        app.notify("only a mistake has something right beside it: o lists them")
        return
    race = await to_thread(raced, key)
    await app.push_screen_wait(SideBySideScreen(lesson.title, race))


def raced(key: str) -> Race:
    """Record both texts of a mistake in this process; raises LookupError where it has none."""
    lesson = find(key)
    texts = wrong_and_right(lesson.path) if lesson else None
    if lesson is None or texts is None:
        raise LookupError(f"nothing stands beside {key!r}")
    paths = lesson.path, right_path(lesson.path)
    return Race(
        *(
            record_lesson(path, cancelled=lambda: False, source=text)
            for path, text in zip(paths, texts, strict=True)
        )
    )
