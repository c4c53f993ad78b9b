"""A line to type in takes any text, and as much as anybody types."""

from __future__ import annotations

from rich.text import Text
from textual.app import App, ComposeResult
from textual.events import Paste

from tui.kit.text_input import LONGEST, Line


class OneLine(App[None]):
    def compose(self) -> ComposeResult:
        yield Line()


async def test_a_paste_is_taken_as_far_as_there_is_room_and_shown_character_by_character() -> None:
    app = OneLine()
    async with app.run_test() as pilot:
        line = app.query_one(Line)
        line.post_message(Paste("\x1b\t\u202e" + "x" * 100_000 + "\nmore"))
        await pilot.press("end", "y")
        assert line.value == "\x1b\t\u202e" + "x" * (LONGEST - 3)
        assert line.highlighter is not None
        assert line.highlighter(Text(line.value)).plain == "␛ �" + "x" * (LONGEST - 3)
        await pilot.press("backspace", "y")
        assert line.value.endswith("xy")
