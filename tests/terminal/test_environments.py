"""What can be read on the screen, whatever the terminal is: one start an environment.

Those that are the first to show their glyphs or their colours go through all tabs; the others
need only show that they have the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from tests.terminal.conftest import REPLACE, Pty, Start
from tui.config.terminal import Colours
from tui.kit.glyph_level import Level

UTF8 = {"LANG": "C.UTF-8", "LC_ALL": None, "LC_CTYPE": None}
BARE = {**UTF8, "COLORTERM": None, "NO_COLOR": None}


class Environment(NamedTuple):
    """A terminal, and what it can show."""

    glyphs: Level
    colours: Colours
    environ: Mapping[str, str | None]
    flags: tuple[str, ...] = ()
    tmux: bool = False
    tour: bool = True
    """Whether it goes through all tabs."""


ENVIRONMENTS = {
    "256 colours": Environment("braille", "256", {**BARE, "TERM": "xterm-256color"}),
    "true colour, light": Environment(
        "braille", "true", {**BARE, "COLORTERM": "truecolor"}, ("--theme", "light")
    ),
    "screen": Environment("braille", "16", {**BARE, "TERM": "screen"}, tour=False),
    # Where TERM is tmux-256color.
    "inside tmux": Environment(
        "braille", "256", {**BARE, "TERM": "xterm-256color"}, tmux=True, tour=False
    ),
    "the console": Environment("block", "16", {**BARE, "TERM": "linux"}),
    "a vt100": Environment("ascii", "none", {**BARE, "TERM": "vt100"}),
    "no colour": Environment("braille", "none", {**BARE, "NO_COLOR": "1"}, tour=False),
    "the C locale without animation": Environment(
        "ascii", "256", {**BARE, "LANG": "C", "TEXTUAL_ANIMATIONS": "none"}, tour=False
    ),
    "ascii over ssh without a mouse": Environment(
        "ascii", "256", BARE, ("--ascii", "--no-mouse", "--profile", "ssh"), tour=False
    ),
}
EDGE = {"braille": "├◀──", "block": "├◄──", "ascii": "+<--"}
MARKER = {"braille": "▶", "block": "►", "ascii": ">"}
AXIS = {"braille": "┤", "block": "┤", "ascii": "+"}
CURVE = {"braille": r"[\u2801-\u28ff]", "block": r"[▀-▟]", "ascii": r"\*"}
COLOUR = {
    "true": re.compile(rb"[\[;][34]8;2;"),
    "256": re.compile(rb"[\[;][34]8;5;"),
    "16": re.compile(rb"[\[;](?:[349]|10)[0-7]m"),
}
"""What a terminal is sent for a colour of each kind."""


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_numbers_focus_and_edges_can_be_read(
    start: Start, name: str, request: pytest.FixtureRequest
) -> None:
    glyphs, colours, environ, flags, tmux, tour = ENVIRONMENTS[name]
    command = ["-m", "tui", *flags]
    if tmux:
        outer = request.getfixturevalue("tmux")
        command = ["-c", REPLACE, *outer, "new-session", sys.executable, *command]
    pty = start(*command, size=(100, 33), **environ, TMUX=None, STY=None)

    pty.until_text("step 0 of")
    pty.send("c")
    pty.until(lambda: EDGE[glyphs] in pty.text and "12 27" in pty.text)
    pty.until(lambda: stands_out(pty, "1 Graph") and stands_out(pty, "Mul", below="graph of z"))
    if tour:
        go_through_all_tabs(pty, glyphs)

    pty.send("q")
    assert pty.code == 0
    if glyphs == "ascii":
        assert pty.output.isascii()
    if not tmux:  # which draws by itself
        used = [kind for kind, sent in COLOUR.items() if sent.search(pty.output)]
        assert used == [colours] * (colours != "none")
        mouse = "--no-mouse" not in flags
        assert (b"\x1b[?1003h" in pty.output) == mouse
        assert pty.restored or not mouse


def go_through_all_tabs(pty: Pty, glyphs: Level) -> None:
    """Lists, numbers, forms and charts."""
    pty.send("o")
    pty.until(
        lambda: (
            stands_out(pty, "forward, backward", below="lessons")
            and "linear regression" in pty.text
        )
    )
    pty.send("\x1b")
    pty.until(lambda: "lessons" not in pty.text)

    pty.send("2")
    pty.until(lambda: stands_out(pty, "2 Train"))
    pty.until(lambda: re.search(rf"{MARKER[glyphs]} +2  y_hat = x @ w", pty.text))
    pty.send("n")
    pty.until(lambda: re.search(r"^ +0 +0\.839\d+ +0\.035\d+ +3\.55", pty.text, re.MULTILINE))
    pty.send("p")
    pty.until(lambda: stands_out(pty, "0.01", below="setup") and "enter applies" in pty.text)
    pty.send("\x1b")
    pty.until(lambda: "enter applies" not in pty.text)

    pty.send("3")
    pty.until(lambda: stands_out(pty, "3 Chart") and stands_out(pty, "4 Fit"))
    pty.until(lambda: re.search(rf"^ *4\.0 {re.escape(AXIS[glyphs])}", pty.text, re.MULTILINE))
    assert re.search(CURVE[glyphs], pty.text)


def stands_out(pty: Pty, text: str, *, below: str = "") -> bool:
    """Whether a text is reversed or underlined, or at least its background another.

    The first one on a line below that of another text.
    """
    lines = pty.text.splitlines()
    top = next((y for y, line in enumerate(lines) if below in line), len(lines)) if below else -1
    for y, line in enumerate(lines[:-1]):
        if y > top and text in line:
            cell, under = (pty.cells[row][line.index(text)] for row in (y, y + 1))
            return cell.reverse or cell.underscore or cell.bg not in ("default", under.bg)
    return False
