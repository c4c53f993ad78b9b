"""A chart as a file: an SVG or HTML page in the theme's colours, or plain text."""

from __future__ import annotations

import os
import re
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

CELL = (8.43, 16)
"""Pixels across and down: of DejaVu Sans Mono at 14 pixels, so that vertical lines are whole."""
BASELINE = 13
"""Pixels from the top of a row to the line that its characters stand on."""
MARGIN = 16
"""Pixels of background around a chart."""
PIECE = re.compile(" +|[!-~]+(?: [!-~]+)*|[\u2500-\u259f]+|.")
"""Characters that one font has all of, in one width. Of any others, such as braille, each may
come from a font of its own, and is put in its place by itself."""
FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Courier New', monospace"

ONE_CELL = "display:inline-block;width:1ch;height:16px;font-style:normal;vertical-align:top"
"""The style of a character that may come from any font."""


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
    """Every piece stands where it belongs and is as wide as its cells, whatever the font."""
    width = picture.width * CELL[0] + 2 * MARGIN
    height = picture.height * CELL[1] + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="{FONT}" font-size="14">',
        f'<rect width="100%" height="100%" fill="{tokens["background"]}"/>',
    ]
    for y, row in enumerate(picture.rows):
        starts = list(accumulate((cell_len(span.text) for span in row), initial=0))
        top, spans = MARGIN + y * CELL[1], list(zip(starts, row, strict=False))
        parts += (_svg_back(x, top, span, tokens) for x, span in spans)
        text = "".join(_svg_span(x, span, tokens) for x, span in spans)
        parts.append(f'<text xml:space="preserve" y="{top + BASELINE}">{text}</text>')
    return "\n".join([*filter(None, parts), "</svg>\n"])


def _svg_back(x: int, top: float, span: Span, tokens: Mapping[str, str]) -> str:
    back = _hex(style(span.role, tokens), "bgcolor")
    if not back:
        return ""
    size = f'width="{cell_len(span.text) * CELL[0]:.2f}" height="{CELL[1]}"'
    left = MARGIN + x * CELL[0]
    return f'<rect x="{left:.2f}" y="{top}" {size} fill="{back}" shape-rendering="crispEdges"/>'


def _svg_span(x: int, span: Span, tokens: Mapping[str, str]) -> str:
    look = style(span.role, tokens)
    bold = ' font-weight="bold"' if look.bold else ""
    pieces = "".join(_svg_piece(x + at, text) for at, text in _pieces(span.text))
    fill = _hex(look, "color") or tokens["foreground"]
    return f'<tspan fill="{fill}"{bold}>{pieces}</tspan>'


def _svg_piece(x: int, text: str) -> str:
    wide = cell_len(text) * CELL[0]
    fixed = f' textLength="{wide:.2f}" lengthAdjust="spacingAndGlyphs"' if text.strip() else ""
    return f'<tspan x="{MARGIN + x * CELL[0]:.2f}"{fixed}>{escape(text)}</tspan>'


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The pieces of a text, and so many cells from its start each of them stands."""
    pieces = PIECE.findall(text)
    return zip(accumulate(map(cell_len, pieces), initial=0), pieces, strict=False)


def _html(picture: Picture, tokens: Mapping[str, str]) -> str:
    lines = ("".join(_html_span(span, tokens) for span in row) for row in picture.rows)
    look = f"background:{tokens['background']};color:{tokens['foreground']}"
    pre = f"font:14px/{CELL[1]}px {FONT}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n'
        '<head><meta charset="utf-8"><title>chart</title>\n'
        f"<style>body {{{look}}} pre {{{pre}}} i {{{ONE_CELL}}}</style></head>\n"
        "<body>\n<pre>\n" + "\n".join(lines) + "\n</pre>\n</body>\n</html>\n"
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
    text = "".join(_html_piece(text) for _, text in _pieces(span.text))
    return f'<span style="{";".join(css)}">{text}</span>' if css else text


def _html_piece(text: str) -> str:
    """Characters of any font in a box as wide as their cells; all others as they are."""
    if len(text) > 1 or text.isascii() or "\u2500" <= text <= "\u259f":
        return escape(text)
    wide = "" if cell_len(text) == 1 else f' style="width:{cell_len(text)}ch"'
    return f"<i{wide}>{text}</i>"


def _hex(look: Style, part: Literal["color", "bgcolor"]) -> str:
    colour = look.color if part == "color" else look.bgcolor
    return colour.get_truecolor().hex if colour else ""


def _names(folder: Path, name: str, kind: Format) -> Iterator[Path]:
    """First `linreg-loss.svg`, then `linreg-loss-2.svg` and so on."""
    yield folder / f"linreg-{name}.{kind}"
    yield from (folder / f"linreg-{name}-{number}.{kind}" for number in count(2))
