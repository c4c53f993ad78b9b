"""How drawn things look: one table from roles to the theme's tokens.

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
    "title": "bold",
    "expression": "muted",
    "note": "muted",
    "value": "foreground",
    "gradient": "gradient",
    "lit": "gradient",
    "way": "gradient",
    "way-arrow": "bold gradient",
    "edge": "faint",
    "arrow": "faint",
    "current": "bold reverse",
    "chosen": "on block-cursor-background",
    "keyword": "secondary",
    "name": "foreground",
    "number": "warning",
    "string": "success",
    "faint": "faint",
    "gutter": "faint",
    "comment": "faint",
    "marker": "bold accent",
    "changed": "warning",
    "output": "italic muted",
    "warning": "bold warning",
    "advice": "foreground",
    "fold": "italic muted",
    "hit": "bold background on warning",
    "breakpoint": "bold error",
    "error": "bold error",
}
"""Attributes, a token, and behind `on` the token of the background."""
FEW = {
    "chosen": "bold",
    "lit": "bold gradient",
    "way": "bold gradient",
    "hit": "bold underline background on warning",
}
"""What differs where there are too few colours to tell by colour alone."""


def style(role: str, tokens: Mapping[str, str], *, few_colours: bool = False) -> Style:
    """The style of a role, which may be several words laid over each other; unknown ones are none.

    `tokens` are the theme's colours by name.
    """
    table = {**INK, **FEW} if few_colours else INK
    inked = [_inked(table[word], tokens) for word in role.split() if word in table]
    return Style.combine(inked) if inked else Style.null()


def _inked(ink: str, tokens: Mapping[str, str]) -> Style:
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
