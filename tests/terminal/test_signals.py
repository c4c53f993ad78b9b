"""Signals to the whole program at any moment, and its line cut on the side it reads from."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from engine.sessions.storage import load
from tests.terminal.conftest import REPLACE, Start
from tests.terminal.programs import TypedElsewhere, program, taken, training

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_at_once(start: Start, number: signal.Signals) -> None:
    pty = program(start, fresh=True)
    pty.kill(number)
    # Interrupted before any line of ours has run, Python's own start ends with 1.
    in_python = pty.code == 1 and "KeyboardInterrupt" in pty.text and "/tui/" not in pty.text
    assert in_python or pty.code == 128 + number
    assert pty.restored or not taken(pty)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_as_the_terminal_is_taken(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    pty = program(start, fresh=True)
    pty.until(lambda: taken(pty))
    pty.kill(number)
    assert pty.code == 128 + number
    assert pty.restored
    assert not list(tmp_path.glob("**/crash-*"))


def test_a_signal_while_torch_loads(start: Start) -> None:
    pty = program(start, fresh=True)
    pty.until_text("loading torch")
    pty.kill(signal.SIGHUP)
    assert pty.code == 128 + signal.SIGHUP
    assert pty.restored


@pytest.mark.parametrize(
    ("number", "key", "shows"),
    [
        (signal.SIGTERM, "?", "escape closes"),
        (signal.SIGHUP, "2", "running"),
        (signal.SIGINT, "b", "enter adds"),
    ],
)
def test_a_signal_while_training_flat_out_saves_what_was_trained(
    start: Start, tmp_path: Path, number: signal.Signals, key: str, shows: str
) -> None:
    pty = training(start)
    pty.send(key)
    pty.until_text(shows)
    pty.kill(number)
    assert pty.code == 128 + number
    assert pty.restored
    (saved,) = tmp_path.glob("**/autosave.json")
    assert load(saved).experiment.branch.run.state.iteration > 0


def test_the_end_of_what_is_typed_ends_the_process(start: Start, tmp_path: Path) -> None:
    """The terminal that it draws on stays."""
    pty = start("tests.terminal.guarded", "work", str(tmp_path / "saved"), kind=TypedElsewhere)
    assert isinstance(pty, TypedElsewhere)
    pty.until_text("here I am")
    pty.send("x")
    pty.end_input()
    assert pty.code == 128 + signal.SIGHUP
    assert pty.restored
    assert (tmp_path / "saved").exists()


SHELL = ("bash", "--norc", "--noprofile", "-i")


@pytest.mark.parametrize("command", ["{}", "sh -c '{}; true'"])
def test_ctrl_z_gives_the_shell_back_and_fg_the_screen(
    start: Start, tmp_path: Path, command: str
) -> None:
    """Also where the shell knows only a script that has started it."""
    pty = start("-c", REPLACE, *SHELL, PS1="the shell> ", PYTHON=sys.executable)
    pty.until_text("the shell>")
    small = f"$PYTHON -m tests.terminal.guarded nothing {tmp_path / 'saved'}"
    pty.send(f"{command.format(small)}\n")
    pty.until_text("here I am")
    pty.send("\x1a")
    pty.until_text("Stopped")
    pty.output = b""
    pty.send("fg\n")
    pty.until(lambda: b"here I am" in pty.output)
    pty.send("q")
    pty.until(lambda: b"the shell>" in pty.output.partition(b"\x1b[?1049l")[2])
    pty.send("exit 7\n")
    assert pty.code == 7
