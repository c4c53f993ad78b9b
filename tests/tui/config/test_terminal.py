from __future__ import annotations

import pytest

from tui.config.terminal import colour_level, glyph_level, is_light, is_ssh


@pytest.mark.parametrize(
    ("term", "encoding", "level"),
    [
        ("xterm-256color", "utf-8", "braille"),
        ("xterm-256color", "UTF8", "braille"),
        ("tmux-256color", "utf-8", "braille"),
        ("linux", "utf-8", "block"),
        ("putty-256color", "utf-8", "block"),
        ("xterm-256color", "ascii", "ascii"),
        ("xterm-256color", "iso-8859-1", "ascii"),
        ("xterm-256color", "no such encoding", "ascii"),
        ("dumb", "utf-8", "ascii"),
        ("vt100", "utf-8", "ascii"),
    ],
)
def test_glyphs_fall_with_the_locale_and_the_terminal(term: str, encoding: str, level: str) -> None:
    assert glyph_level({"TERM": term}, encoding) == level


def test_an_unset_terminal_promises_nothing() -> None:
    assert glyph_level({}, "utf-8") == "ascii"
    assert colour_level({}) == "none"


@pytest.mark.parametrize(
    ("environ", "level"),
    [
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "screen-256color"}, "256"),
        ({"TERM": "xterm-direct"}, "true"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "true"),
        ({"TERM": "xterm", "COLORTERM": "24bit", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
    ],
)
def test_colours_are_what_the_environment_says(environ: dict[str, str], level: str) -> None:
    assert colour_level(environ) == level


def test_a_page_of_a_browser_shows_everything_whatever_the_server_runs_in() -> None:
    page = {"TEXTUAL_DRIVER": "tui.process.web_driver:GuardedWebDriver", "TERM": "dumb"}
    assert glyph_level(page | {"LC_ALL": "C"}, "ascii") == "braille"
    assert colour_level(page) == "true"
    assert colour_level(page | {"NO_COLOR": "1"}) == "none"


def test_either_variable_tells_of_ssh() -> None:
    assert is_ssh({"SSH_TTY": "/dev/pts/0"})
    assert is_ssh({"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"})
    assert not is_ssh({"SSH_TTY": ""})


def test_a_light_background_is_believed_where_it_is_said() -> None:
    assert is_light({"COLORFGBG": "0;15"})
    assert not is_light({"COLORFGBG": "15;0"})
    assert not is_light({})
