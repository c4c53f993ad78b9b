"""One line to type in, whatever is pasted into it or comes with a file's name."""

from __future__ import annotations

from rich.highlighter import Highlighter
from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Input

from tui.kit.text import safe


class Line(Input):
    """Keeps the text as it is, and shows it as it can be shown."""

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


class _Safe(Highlighter):
    """One character for each, so that the cursor stands where it would."""

    def highlight(self, text: Text) -> None:
        """Change the text in place."""
        text.plain = "".join(safe(character)[:1] for character in text.plain)
