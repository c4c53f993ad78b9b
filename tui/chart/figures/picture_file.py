"""A chart as a file: an SVG or HTML page in the theme's colours, or plain text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from html import escape
from itertools import accumulate, count
from pathlib import Path
from typing import Literal

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from engine import atomic_files
from tui.chart.figures.ink import style
from tui.kit.spans import Picture, Span

Format = Literal["svg", "html", "txt"]

CELL = (8.4, 18)
"""Pixels across and down; the advance of most fonts at 14 pixels."""
MARGIN = 16
"""Pixels of background around a chart."""
FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Courier New', monospace"


def save(
    picture: Picture, kind: Format, tokens: Mapping[str, str], folder: Path, name: str
) -> Path:
    """Write a picture under a name that is free; returns where. Raises FileError."""
    path = next(path for path in _names(folder, name, kind) if not os.path.lexists(path))
    atomic_files.write(path, [rendered(picture, kind, tokens).encode()])
    return path


def rendered(picture: Picture, kind: Format, tokens: Mapping[str, str]) -> str:
    """Return the file's text; `tokens` are the theme's colours by name."""
    if kind == "txt":
        return picture.text + "\n"
    return _svg(picture, tokens) if kind == "svg" else _html(picture, tokens)


def coloured(picture: Picture, tokens: Mapping[str, str]) -> Text:
    """Return a picture as text for a terminal, in the theme's colours by name."""
    lines = (
        Text.assemble(*((span.text, style(span.role, tokens)) for span in row))
        for row in picture.rows
    )
    return Text("\n", no_wrap=True, overflow="ignore").join(lines)


def _svg(picture: Picture, tokens: Mapping[str, str]) -> str:
    """Every character has its own position, so that any font will do."""
    width = picture.width * CELL[0] + 2 * MARGIN
    height = picture.height * CELL[1] + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="{FONT}" font-size="14">',
        f'<rect width="100%" height="100%" fill="{tokens["background"]}"/>',
    ]
    for y, row in enumerate(picture.rows):
        starts = accumulate((cell_len(span.text) for span in row), initial=0)
        for x, span in zip(starts, row, strict=False):
            parts += _svg_span(x, y, span, tokens)
    return "\n".join([*parts, "</svg>\n"])


def _svg_span(x: int, y: int, span: Span, tokens: Mapping[str, str]) -> Iterator[str]:
    look = style(span.role, tokens)
    left, top = MARGIN + x * CELL[0], MARGIN + y * CELL[1]
    back = _hex(look, "bgcolor")
    if back:
        size = f'width="{cell_len(span.text) * CELL[0]:.1f}" height="{CELL[1]}"'
        yield f'<rect x="{left:.1f}" y="{top}" {size} fill="{back}" shape-rendering="crispEdges"/>'
    starts = accumulate(map(cell_len, span.text), initial=0)
    drawn = [(i, char) for i, char in zip(starts, span.text, strict=False) if char != " "]
    if drawn:
        xs = " ".join(f"{left + i * CELL[0]:.1f}" for i, _ in drawn)
        fill = _hex(look, "color") or tokens["foreground"]
        bold = ' font-weight="bold"' if look.bold else ""
        text = escape("".join(char for _, char in drawn))
        yield f'<text x="{xs}" y="{top + 14}" fill="{fill}"{bold}>{text}</text>'


def _html(picture: Picture, tokens: Mapping[str, str]) -> str:
    lines = ("".join(_html_span(span, tokens) for span in row) for row in picture.rows)
    look = f"background:{tokens['background']};color:{tokens['foreground']}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n'
        '<head><meta charset="utf-8"><title>chart</title></head>\n'
        f'<body style="{look}">\n<pre style="font-family:{FONT};line-height:1.2">\n'
        + "\n".join(lines)
        + "\n</pre>\n</body>\n</html>\n"
    )


def _html_span(span: Span, tokens: Mapping[str, str]) -> str:
    look = style(span.role, tokens)
    css = [
        f"{name}:{value}"
        for name, value in (
            ("color", _hex(look, "color")),
            ("background", _hex(look, "bgcolor")),
            ("font-weight", "bold" if look.bold else ""),
        )
        if value
    ]
    text = escape(span.text)
    return f'<span style="{";".join(css)}">{text}</span>' if css else text


def _hex(look: Style, part: Literal["color", "bgcolor"]) -> str:
    colour = look.color if part == "color" else look.bgcolor
    return colour.get_truecolor().hex if colour else ""


def _names(folder: Path, name: str, kind: Format) -> Iterator[Path]:
    """First `linreg-loss.svg`, then `linreg-loss-2.svg` and so on."""
    yield folder / f"linreg-{name}.{kind}"
    yield from (folder / f"linreg-{name}-{number}.{kind}" for number in count(2))
