from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from engine.atomic_files import FileError
from engine.data.source import Table
from tests.hostile import PAYLOADS, shows, unsafe
from tests.tui.chart.figures.examples import scene
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.picture_file import CELL, MARGIN, Format, rendered, save
from tui.chart.figures.view import View
from tui.config.theme import DARK, LIGHT, tokens
from tui.kit.spans import Picture, Span
from tui.kit.text import safe

LOSS = picture(Chart.LOSS, scene(), View(60, 15))


class Body(HTMLParser):
    text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_svg_has_every_character_in_its_colour() -> None:
    root = ElementTree.fromstring(rendered(LOSS, "svg", tokens(DARK)))
    texts = [element for element in root.iter() if element.tag.endswith("}text")]
    lines = ["".join(text.itertext()).rstrip() for text in texts]
    assert "\n".join(lines) == LOSS.text
    pieces = [one for text in texts for one in text.iter() if one.text]
    placed = {"".join(one.itertext()): float(one.attrib["x"]) for one in pieces}
    column = LOSS.text.splitlines()[0].index("iteration")
    assert placed["iteration 300"] == pytest.approx(MARGIN + column * CELL[0], abs=0.01)
    fills = {one.attrib.get("fill") for text in texts for one in text.iter()}
    assert DARK.variables["gradient"] in fills


def test_a_piece_of_an_svg_is_as_wide_as_its_cells_and_braille_stands_by_itself() -> None:
    picture = Picture(9, ((Span("─┤⠑⠒ a", "note"), Span("b  2", "note")),))
    root = ElementTree.fromstring(rendered(picture, "svg", tokens(DARK)))
    found = [(one.text, one.attrib.get("textLength")) for one in root.iter() if one.text]
    pieces = [(text, f"{len(text) * CELL[0]:.2f}") for text in ("─┤", "⠑", "⠒", "a", "b", "2")]
    assert [(text, wide) for text, wide in found if text and text.strip()] == pieces


def test_a_page_says_what_the_screen_says() -> None:
    page = rendered(LOSS, "html", tokens(LIGHT))
    parser = Body()
    parser.feed(page)
    assert LOSS.text.splitlines()[5].strip() in parser.text
    assert LIGHT.variables["gradient"] in page


def test_a_heat_map_keeps_its_areas() -> None:
    surface = picture(Chart.SURFACE, scene(), View(60, 15))
    root = ElementTree.fromstring(rendered(surface, "svg", tokens(DARK)))
    fills = {element.attrib.get("fill") for element in root.iter() if element.tag.endswith("rect")}
    assert len({DARK.variables[f"level{i}"] for i in range(8)} & fills) >= 5


@pytest.mark.parametrize("kind", PAYLOADS)
def test_hostile_names_are_words_in_every_file(kind: str) -> None:
    name = PAYLOADS[kind][:20]
    table = Table("/points.csv", f"{name}y", (name,), 21, "")
    plain = scene()
    run = replace(plain.run, problem=replace(plain.run.problem, source=table))
    drawn = picture(Chart.FIT, replace(plain, run=run), View(100, 20))
    svg, page, text = (rendered(drawn, format_, tokens(DARK)) for format_ in get_args(Format))
    assert not any(map(unsafe, f"{svg}\n{page}\n{text}".split("\n")))
    body = Body()
    body.feed(page)
    words = "".join(ElementTree.fromstring(svg).itertext())
    if len(safe(name)) == cell_len(safe(name)):  # others are called x and y
        assert shows(text, name)
        assert shows(body.text, name)
        assert shows(words, name)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    first, second = (save(LOSS, "txt", tokens(DARK), tmp_path, "loss") for _ in range(2))
    assert (first.name, second.name) == ("linreg-loss.txt", "linreg-loss-2.txt")
    assert first.read_text() == second.read_text() == LOSS.text + "\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [second.name, first.name]


def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        save(LOSS, "svg", tokens(DARK), tmp_path / "no such folder", "loss")
    assert "\n" not in str(caught.value)
