from __future__ import annotations

import re
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
from tui.chart.figures.picture_file import Format, rendered, save
from tui.chart.figures.view import View
from tui.config.theme import DARK, LIGHT, tokens
from tui.kit.text import safe

LOSS = picture(Chart.LOSS, scene(), View(60, 15))


class Body(HTMLParser):
    text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_svg_has_every_character_in_its_colour() -> None:
    root = ElementTree.fromstring(rendered(LOSS, "svg", tokens(DARK)))
    texts = [element for element in root.iter() if element.tag.endswith("text")]
    drawn = "".join(text.text or "" for text in texts)
    assert drawn == re.sub(r"\s", "", LOSS.text)
    assert all(len(text.attrib["x"].split()) == len(text.text or "") for text in texts)
    assert DARK.variables["gradient"] in {text.attrib["fill"] for text in texts}


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
        assert shows(words, name.replace(" ", ""))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    first, second = (save(LOSS, "txt", tokens(DARK), tmp_path, "loss") for _ in range(2))
    assert (first.name, second.name) == ("linreg-loss.txt", "linreg-loss-2.txt")
    assert first.read_text() == second.read_text() == LOSS.text + "\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [second.name, first.name]


def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        save(LOSS, "svg", tokens(DARK), tmp_path / "no such folder", "loss")
    assert "\n" not in str(caught.value)
