"""Charts as files, as a browser draws them: in columns, whatever fonts it has."""

from __future__ import annotations

import json
import os
import re
import subprocess
from html import unescape
from pathlib import Path

from tests.browser.chromium import PATIENCE, PROGRAM, needs_chromium
from tests.tui.chart.figures.examples import scene
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.picture_file import CELL, rendered
from tui.chart.figures.view import View
from tui.config.theme import DARK, tokens

MEASURED = """<style>svg { font-family: serif } </style><script>
const boxes = [...document.querySelectorAll("i")].map(i => i.getBoundingClientRect());
const pieces = [...document.querySelectorAll("tspan[textLength]")];
document.body.textContent = JSON.stringify({
    braille: boxes.map(box => [box.left - boxes[0].left, box.width]),
    pieces: pieces.map(one => [one.getComputedTextLength(), +one.getAttribute("textLength")]),
    lines: [...new Set(boxes.map(box => box.top))].sort((a, b) => a - b),
});
</script>"""


@needs_chromium
def test_every_character_stands_in_its_column(tmp_path: Path) -> None:
    drawn = picture(Chart.LOSS, scene(), View(60, 15))
    page, svg = (rendered(drawn, kind, tokens(DARK)) for kind in ("html", "svg"))
    there = tmp_path / "chart.html"
    without_font = re.sub(' font-family="[^"]*"', "", svg)
    there.write_text(page.replace("</body>", f"{without_font}{MEASURED}</body>"))
    assert PROGRAM
    root = ["--no-sandbox"] * (os.geteuid() == 0)
    flags = ("--headless", "--disable-gpu", f"--user-data-dir={tmp_path}", *root, "--dump-dom")
    done = subprocess.run(
        [PROGRAM, *flags, there.as_uri()], capture_output=True, text=True, timeout=PATIENCE
    )
    body = re.search("<body>(.*)</body>", done.stdout, re.DOTALL)
    assert body, done.stderr
    found = json.loads(unescape(body[1]))
    column = found["braille"][0][1]
    places = [left / column for left, _ in found["braille"]]
    assert max(abs(place - round(place)) for place in places) < 0.05, "as wide as any digit"
    rows = [b - a for a, b in zip(found["lines"], found["lines"][1:], strict=False)]
    assert {row % CELL[1] for row in rows} == {0.0}, "other fonts make no row higher"
    assert all(abs(wide - wanted) < 0.1 for wide, wanted in found["pieces"])
    assert len(found["pieces"]) > 50
