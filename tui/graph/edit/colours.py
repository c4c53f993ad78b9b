"""How Python looks in the editor: the colours of the source view, for tree-sitter's names."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.widgets.text_area import TextAreaTheme

from tui.kit.styles import inked

ROLES = {
    "keyword": ("keyword", "keyword.function", "keyword.operator", "keyword.return", "conditional",
                "repeat", "include", "exception", "boolean", "constant.builtin"),
    "number": ("number", "float"),
    "string": ("string",),
    "comment": ("comment",),
}  # fmt: skip
"""Names in tree-sitter's queries for each role."""
INKS = {"keyword": "secondary", "number": "warning", "string": "success", "comment": "muted"}


def editor_theme(tokens: Mapping[str, str]) -> TextAreaTheme:
    """Return the theme of the editor in the app's colours by name."""
    styles: dict[str, Style] = {}
    for role, names in ROLES.items():
        styles |= dict.fromkeys(names, inked(INKS[role], tokens))
    return TextAreaTheme(
        name="linreg",
        gutter_style=inked("faint", tokens),
        cursor_line_gutter_style=inked("bold accent", tokens),
        cursor_line_style=inked("on panel", tokens),
        cursor_style=inked("bold reverse", tokens),
        syntax_styles=styles,
    )
