"""One line to type in, whatever is pasted into it or comes with a file's name."""

from __future__ import annotations

from rich.highlighter import Highlighter
from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Input

from tui.kit.text import safe

LONGEST = 10_000
"""Most characters that can be typed into a line: far more than any file's name has."""


class Line(Input):
    """Keeps the text as it is, and shows it as it can be shown; takes no more than `LONGEST`."""

    virtual_size: reactive[Size] = reactive(Size(0, 0))
    """As Textual's, which lays the whole screen out anew at every key."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        shown = _Safe()
        super().__init__(value, placeholder=placeholder, id=id, highlighter=shown, compact=True)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """As Textual's, which does not know that `slash` is a character."""
        return super().check_consume_key(key, "/" if key == "slash" else character)

    def replace(self, text: str, start: int, end: int) -> None:
        """As Textual's, which takes nothing where not all has room: take what has."""
        room = LONGEST - len(self.value) + abs(end - start)
        if len(text) > room:
            self.restricted()
        super().replace(text[: max(room, 0)], start, end)


class _Safe(Highlighter):
    """One character for each, so that the cursor stands where it would."""

    def highlight(self, text: Text) -> None:
        """Change the text in place."""
        plain = text.plain
        if safe(plain) != plain:
            shown = {ord(character): safe(character)[:1] for character in set(plain)}
            text.plain = plain.translate(shown)
