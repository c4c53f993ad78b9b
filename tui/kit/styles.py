"""How drawn things look: tables from roles to the theme's tokens.

Charts have a table of their own (`tui.chart.figures.ink`), as roles like `gradient` mean
something else there; it is written in the same words and read by `inked`.

Not component classes of the stylesheet: Textual works out every one of those for every widget
each time the focus or the theme changes, which took longer than drawing.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style

ATTRIBUTES = frozenset({"bold", "italic", "reverse", "underline"})

INK = {
    "leaf": "leaf",
    "op": "operation",
    "root": "root",
    "reduction": "reduction",
    "title": "bold",
    "expression": "muted",
    "note": "muted",
    "past": "italic faint",
    "value": "foreground",
    "gradient": "gradient",
    "ghost": "italic muted",
    "lit": "gradient",
    "way": "gradient",
    "way-arrow": "bold gradient",
    "edge": "faint",
    "arrow": "faint",
    "current": "bold reverse",
    "here": "on block-cursor-background",
    "chosen": "on block-cursor-background",
    "keyword": "secondary",
    "name": "foreground",
    "number": "warning",
    "string": "success",
    "faint": "muted",
    "gutter": "faint",
    "comment": "muted",
    "marker": "bold accent",
    "changed": "warning",
    "output": "italic muted",
    "warning": "bold warning",
    "advice": "foreground",
    "fold": "italic muted",
    "hit": "bold background on warning",
    "breakpoint": "bold error",
    "error": "bold error",
    "right": "bold success",
}
"""Of graphs, text and tables: attributes, a token, and behind `on` the background's token."""
FEW = {
    "here": "reverse",
    "chosen": "bold",
    "lit": "bold gradient",
    "way": "bold gradient",
    "hit": "bold underline background on warning",
}
"""What differs where there are too few colours to tell by colour alone."""


SIXTEEN = {
    "line": ("#5555ff", "#0000aa"),
    "operation": ("#5555ff", "#0000aa"),
    "secondary": ("#ff55ff", "#00aaaa"),
    "gradient": ("#ffff55", "#aa00aa"),
    "warning": ("#55ffff", "#aa0000"),
    "leaf": ("#55ff55", "#00aa00"),
    "reduction": ("#55ffff", "#00aaaa"),
    "point": ("#ff5555", "#aa0000"),
    "error": ("#ff5555", "#aa0000"),
}
"""Of a terminal's sixteen colours those that are meant, on dark and on light ground.

The nearest ones, which would be shown else, are white for half of them.
"""


def sixteen(tokens: Mapping[str, str], *, light: bool) -> dict[str, str]:
    """A theme's colours by name, for a terminal that has sixteen colours."""
    return {**tokens, **{name: pair[light] for name, pair in SIXTEEN.items()}}


def style(role: str, tokens: Mapping[str, str], *, few_colours: bool = False) -> Style:
    """The style of a role, which may be several words laid over each other; unknown ones are none.

    `tokens` are the theme's colours by name.
    """
    table = {**INK, **FEW} if few_colours else INK
    styles = [inked(table[word], tokens) for word in role.split() if word in table]
    return Style.combine(styles) if styles else Style.null()


def content_style(role: str) -> str:
    """The style of one role of `INK` in the words of Textual's `Content`: `bold $error`."""
    words = INK.get(role, "").split()
    return " ".join(w if w in ATTRIBUTES or w == "on" else f"${w}" for w in words)


def inked(ink: str, tokens: Mapping[str, str]) -> Style:
    """The style that an entry of a table like `INK` describes, in the theme's colours by name."""
    front, _, back = ink.partition("on ")
    words = front.split()
    colour = next((tokens[word] for word in words if word not in ATTRIBUTES), None)
    return Style(
        color=colour,
        bgcolor=tokens[back] if back else None,
        bold="bold" in words or None,
        italic="italic" in words or None,
        reverse="reverse" in words or None,
        underline="underline" in words or None,
    )
