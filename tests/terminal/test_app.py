"""The whole program in a real terminal."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from engine.sessions.lock import Lock
from engine.sessions.storage import save
from tests.engine.sessions.examples import trained
from tests.hostile import PAYLOADS, stray
from tests.keys import sendable
from tests.terminal.conftest import Start
from tests.terminal.programs import iteration, leave, program, ready, training


def test_ctrl_c_pauses_then_asks(start: Start) -> None:
    pty = training(start)
    pty.send("\x03")
    pty.until(lambda: "running" not in pty.text)
    pty.send("\x03")
    pty.until_text("quit?")
    pty.send("\x1b")
    pty.until(lambda: "quit?" not in pty.text)
    pty.send("\x03")
    pty.until_text("quit?")
    pty.send("\r")
    assert pty.code == 0
    assert pty.restored


def test_any_size_keeps_training_and_says_where_it_is_too_small(start: Start) -> None:
    pty = training(start, (80, 24))
    before = iteration(pty)
    pty.resize(36, 6)
    pty.until_text("too small: needs 40×12, is 36×6")
    for size in ((1, 1), (500, 200), (0, 0), (5, 1)):
        pty.resize(*size)
        pty.pump(0.1)
    pty.until_text("40×12")
    chosen = random.Random(1)
    for _ in range(200):
        pty.resize(chosen.randint(1, 500), chosen.randint(1, 200))
    pty.resize(100, 30)
    pty.until(lambda: "running" in pty.text and iteration(pty) > before)
    pty.send("q")
    assert pty.code == 0
    assert pty.restored


def test_any_keys_can_be_left_by_escape_and_q(start: Start, tmp_path: Path) -> None:
    pty = ready(program(start, "--steps", "2000", HOME=str(tmp_path)))
    chosen, keys = random.Random(2), [text for key, text in sendable().items() if key != "ctrl+c"]
    for _ in range(300):
        pty.send(chosen.choice(keys))
        pty.pump(0.005)
    leave(pty)
    assert pty.code == 0, pty.text


WILD = """\
import os, sys, torch
for hostile in {payloads!r}:
    print(hostile)
    os.write(1, hostile.encode(errors="replace"))
    os.write(2, hostile.encode(errors="replace"))
    sys.__stdout__.write(hostile.encode(errors="replace").decode())
    globals()[hostile] = torch.ones(2, requires_grad=True)
    globals()[hostile].sum().backward()
raise ValueError(hostile)
"""


def test_nothing_hostile_reaches_the_terminal(start: Start, tmp_path: Path) -> None:
    """With the last look, through every tab, from a file's name to what is copied."""
    name = "\x1b]0;owned\x07\u202e[red]"
    script, data = tmp_path / f"{name}.py", tmp_path / f"{name}.csv"
    comments = "".join(f"# {payload.splitlines()[0]}\n" for payload in PAYLOADS.values())
    text = WILD.format(payloads=list(PAYLOADS.values())) + comments
    script.write_bytes(text.encode(errors="replace"))
    data.write_text(f"{PAYLOADS['title']},{PAYLOADS['one-byte OSC']}\n1,2\n2,3\n3,5\n")
    pty = program(start, "inspect", str(script), "--data", str(data), TMUX=None, STY=None)
    ready(pty)
    pty.until_text("SumBackward0")
    pty.send("clvlNNN2")
    pty.until_text("7 leaves")
    pty.send("3")
    pty.until_text("4 Losses")
    pty.send("1o")
    pty.until_text("your run, live")
    pty.send("k\r2")
    pty.until_text("the loop")
    pty.send("nB")
    pty.until_text("enter goes on there")
    pty.send("\x1b")
    pty.until(lambda: "enter goes on there" not in pty.text)
    pty.send("3")
    pty.until_text("Fit  5 Loss")
    pty.send("8")
    pty.until_text("Residuals against")
    pty.send("e")
    pty.until_text("take the chart away")
    pty.send("c")
    pty.until(lambda: b"\x1b]52;c;" in pty.output)
    pty.send("\x13")
    pty.until_text("save session")
    leave(pty)
    assert pty.code == 0
    assert stray(pty.output) == []


def test_what_is_no_utf_8_can_be_typed_and_pasted(start: Start) -> None:
    pty = ready(program(start))
    pty.send(b"\xff\xc3/")
    pty.until_text("op, name, module")
    pty.send(b"\x1b[200~ab\xffc\x1b]0;x\x07\x1b[201~")
    pty.until_text("ab\ufffdc")
    leave(pty)
    assert pty.code == 0
    assert stray(pty.output) == []


def test_a_key_of_the_configuration_file_works_and_is_shown(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "XDG_CONFIG_HOME" / "linreg-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        '[keymap]\ncommand-next = "w,f5"\nhelp = "f1"\nquit = "ctrl+g"'
    )
    pty = ready(program(start, size=(100, 60)))
    pty.send("2")
    pty.until_text("w Next")
    pty.until_text("f1 Help ^g Quit")
    pty.until_text("learning rate 0.8208")
    pty.send("\x1bOP")  # f1
    pty.until_text("escape closes")
    pty.send("\x1b")
    pty.until(lambda: "escape closes" not in pty.text)
    pty.send("nqw")
    pty.until(lambda: iteration(pty) == 1)
    pty.send("\x1b[15~")  # f5
    pty.until(lambda: iteration(pty) == 2)
    pty.send("\x07")
    assert pty.code == 0


def test_a_session_that_is_open_elsewhere_can_only_be_read(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    save(path, trained(5))
    before = path.read_bytes()
    with Lock(path):
        pty = ready(program(start, "--resume", str(path)))
        pty.until(lambda: all(words in pty.text for words in (f"{os.getpid()})", "read only")))
        pty.send("2")
        pty.until(lambda: iteration(pty) == 4)
        pty.send("n")
        pty.until(lambda: iteration(pty) == 5)
        leave(pty)
        assert pty.code == 0
    assert path.read_bytes() == before
    assert (tmp_path / "XDG_STATE_HOME" / "linreg-tui" / "autosave.json").exists()


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_draw_gets_one_line(start: Start, term: str) -> None:
    pty = program(start, TERM=term)
    assert pty.code == 2
    assert pty.output.count(b"\n") == 1
    assert b"\x1b" not in pty.output
    assert b"linreg-tui train" in pty.output
