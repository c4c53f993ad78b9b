from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Static

from tests.tui.conftest import Screen
from tui.app.app import LinregApp
from tui.app.help import HelpScreen
from tui.app.key_actions import key_actions
from tui.cli.options.command_parsers import PARSERS
from tui.cli.options.training_options import set_defaults, training_readers
from tui.config.config_file import SETTINGS, SIZE_LIMIT, Config, decide, read_config
from tui.config.config_text import document
from tui.config.errors import ConfigError, UsageError
from tui.config.settings import choose

READERS = training_readers(PARSERS["train"]())
PLACES = {"order-next": ["Train"], "quit": ["Graph", "Train"], "up": ["Graph"]}
USUAL = {setting.key: setting.default for setting in SETTINGS}


def read(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text)
    return read_config(path, READERS, lambda: PLACES)


def test_no_file_says_nothing(tmp_path: Path) -> None:
    config = read_config(tmp_path / "none.toml", READERS, None)
    assert decide(config, {}, {}) == USUAL


def test_a_file_sets_how_it_looks_trains_and_is_steered(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        'theme = "light"\npace = 7\nmouse = false\n'
        '[training]\nlr = 0.1\nno-zeroing = true\n[keymap]\norder-next = ["j", "n"]\n',
    )
    settings = choose(decide(config, {}, {}), config.keymap, {}, "utf-8")
    assert (settings.theme, settings.pace, settings.mouse) == ("light", 7.0, False)
    assert settings.keymap == {"order-next": "j,n"}
    parser = PARSERS["train"]()
    set_defaults(parser, config.training)
    assert parser.read([]).lr == 0.1
    assert parser.read([]).no_zeroing
    assert parser.read(["--lr", "0.2"]).lr == 0.2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# one\nthem = 1", "2: them is no known key; did you mean theme?"),
        ('theme = "blue"', "1: theme must be auto, dark or light, not 'blue'"),
        ("pace = 0", "1: pace must be iterations a second above 0, or full, not 0"),
        ("pace = nan", "1: pace must be iterations a second above 0, or full, not nan"),
        ("\nmouse = 1979-05-27", "2: mouse must be text, a number, true or false"),
        ("[training]\n\nlr = 'fast'", "3: training.lr must be a number, not 'fast'"),
        ("training.steps = true", "1: training.steps must be a whole number, not true"),
        (
            "[training]\nlr = 2020-01-31",
            "2: training.lr must be text, a number, true or false, not 2020-",
        ),
        ("[training]\n\n[training]", "3: cannot declare [training] twice"),
        ("# a \u2028 b\ntheme = 'blue'", "2: theme must be"),
        ("theme = dark  # as always", '1: invalid value; text stands in quotes: "dark"'),
        ("training.steps = 1.5", "1: training.steps must be a whole number, not '1.5'"),
        ("training = 3", "1: training must be a table: [training]"),
        ("[keymap]\nquitt = 'x'", "2: keymap.quitt is no known key; did you mean quit?"),
        (
            '[keymap]\nquit = "\\u001b[A"',
            "2: keymap.quit must be names of keys, as in ctrl+x or f5",
        ),
        ("theme =", "1: invalid value"),
        ("[training]\nsteps = '3'", "2: training.steps must be a number, without quotes, not '3'"),
        ("training.lr = '0.1'", "1: training.lr must be a number, without quotes, not '0.1'"),
        ("training.steps = ['3']", "1: training.steps must be text, a number, true or false"),
        ("theme = ['dark']", "1: theme must be text, a number, true or false, not ['dark']"),
        (
            "training.no-zeroing = 'on'",
            "1: training.no-zeroing must be true or false, without quotes, not 'on'",
        ),
        (
            "[keymap]\nquit = 'x'\nup = ['u', 'x']",
            "3: keymap.up has x, as has quit: only one of them would hear it",
        ),
        ("[keymap]\nquit = '?'\nup = 'question_mark'", "3: keymap.up has question_mark, as has"),
        ("\n[training]\nlr = -1", "3: training.lr must be above 0, not -1"),
        ("training.momentum = 1", "1: training.momentum must be below 1, not 1"),
        ("[training]\nsteps = 0", "2: training.steps must be from 1 to 1,000,000,000, not 0"),
        ("[training]\npoints = 0", "2: training.points must be from 1 to "),
        ("[training]\nlr = nan", "2: training.lr must be a finite number, not nan"),
        ("[training]\ndevice = 'gpu'", "2: training.device must be auto, cpu, cuda or cuda:N"),
        (f"\npace = {'9' * 5_000}", "2: a number has more than 4300 digits"),
        (f"pace = 0x{'f' * 5_000}", "1: pace must have at most 4300 digits"),
        (f"pace = 1\nx = {'[' * 20_000}{']' * 20_000}", "2: is nested too deeply"),
        (f"theme = '{'x' * 9_000}'", "1: theme must be auto, dark or light, not 'xxx"),
        ("theme = 'dark'\ntheme = 'dark'", "2: cannot overwrite a value"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path / 'config.toml'}:{complaint}")
    assert len(str(raised.value)) < 500


def test_a_key_may_do_different_things_in_different_tabs(tmp_path: Path) -> None:
    keymap = {"order-next": "x,j", "up": "x", "quit": "X"}
    text = "".join(f"{name} = '{keys}'\n" for name, keys in keymap.items())
    assert read(tmp_path, f"[keymap]\n{text}").keymap == keymap


@pytest.mark.parametrize("names", [("quit", "help"), ("save", "line"), ("line", "search")])
def test_actions_of_one_tab_and_of_the_app_have_keys_of_their_own(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[keymap]\n" + "".join(f"{name} = 'f9'\n" for name in names))
    with pytest.raises(ConfigError, match=f":3: keymap.{names[1]} has f9, as has {names[0]}: only"):
        read_config(path, READERS, key_actions)


def test_what_is_shown_can_be_kept_as_a_file(tmp_path: Path) -> None:
    text = (
        "[training]\nsteps = 3\nlr = 0.5\nno-zeroing = true\ndevice = 'cpu'\n[keymap]\nup = 'x,\"'"
    )
    config = read(tmp_path, text)
    kept = read(tmp_path, document(config, decide(config, {}, {})))
    assert (kept.training, kept.keymap) == (config.training, config.keymap)


def test_an_editor_s_mark_and_ends_of_lines_are_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'\xef\xbb\xbftheme = "dark"\r\npace = 7\r\n')
    assert read_config(path, READERS, None).settings == {"theme": "dark", "pace": "7"}


def test_what_is_no_file_of_text_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(b"#" * (SIZE_LIMIT + 1))
    for name, why in (("pipe", "a named pipe"), ("huge", "larger than"), ("", "Is a directory")):
        with pytest.raises(ConfigError, match=why):
            read_config(tmp_path / name, READERS, None)


@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        read_config(path, READERS, dict)
    except ConfigError as error:
        assert "\n" not in str(error)


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, "theme = 'light'\npace = 7")
    environ = {"LINREG_TUI_THEME": "dark"}
    decided = decide(config, environ, {"theme": "auto"})
    assert (decided["theme"], decided["pace"]) == ("auto", "7")
    assert decide(config, environ, {})["theme"] == "dark"
    with pytest.raises(UsageError, match="LINREG_TUI_PACE must be"):
        decide(config, {"LINREG_TUI_PACE": "-1"}, {})


@pytest.mark.parametrize(
    ("environ", "glyphs", "colours", "profile"),
    [
        ({"TERM": "xterm-256color"}, "braille", "256", "local"),
        ({"TERM": "xterm"}, "braille", "16", "local"),
        ({"TERM": "tmux-256color", "SSH_TTY": "/dev/pts/1"}, "braille", "256", "ssh"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "braille", "true", "local"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "braille", "none", "local"),
        ({"TERM": "linux"}, "block", "16", "local"),
        ({"TERM": "vt100"}, "ascii", "none", "local"),
        ({"TERM": "xterm", "LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ascii", "16", "local"),
        ({"TERM": "xterm", "LC_ALL": "POSIX"}, "ascii", "16", "local"),
        ({"TERM": "xterm", "LANG": "de_DE.UTF-8"}, "braille", "16", "local"),
        ({"TERM": "xterm", "LC_ALL": "C.UTF-8", "LANG": "C"}, "braille", "16", "local"),
    ],
)
def test_auto_follows_the_terminal(
    environ: dict[str, str], glyphs: str, colours: str, profile: str
) -> None:
    settings = choose(USUAL, {}, environ, "utf-8")
    assert (settings.glyphs, settings.colours, settings.profile) == (glyphs, colours, profile)


async def test_a_key_of_the_file_is_in_the_help_instead_of_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keymap]\nline = "w,f5"\nhelp = "f1"')
    config = read_config(path, READERS, key_actions)
    app = LinregApp(settings=choose(USUAL, config.keymap, {}, "utf-8"))
    async with app.run_test() as pilot:
        await pilot.press("f1")  # it waits for what is loaded behind the first frame
        await Screen(app, pilot).until(lambda: isinstance(app.screen, HelpScreen))
        *_, table = app.screen.query(Static)
        lines = [line.strip() for line in str(table.content).splitlines()]
        assert "w f5  Line: run the next line of the script" in lines
        assert "f1  Help: all keys" in lines
        keys = [key for line in lines for key in line.rpartition("  ")[0].split()]
        assert "N" in keys, "its own key stays"
        assert not {"n", "?"} & set(keys)
