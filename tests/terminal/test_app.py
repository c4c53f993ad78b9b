"""The whole program in a real terminal."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.hostile import PAYLOADS, RAW
from tests.terminal.conftest import Pty, Start

KEYS = (
    *"nNsSfcrbgv123456789lLtmyzxjkhe/+-<>=,.?:iopuwaG[]{}|",
    *(" ", "\r", "\t", "\x7f", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F"),
    *("\x1b[5~", "\x1b[6~", "\x1b[3~", "\x1b[Z", "\x1b", "\x1b"),
)
"""All that people press, but what quits or stops the program."""


def program(start: Start, *arguments: str, **options: object) -> Pty:
    return start("-m", "tui", *arguments, **options)


def ready(pty: Pty) -> Pty:
    """Until torch is loaded and the run is there."""
    pty.until_text("cpu · float32")
    return pty


def training(start: Start, size: tuple[int, int] = (100, 30)) -> Pty:
    """The Train tab, running flat out."""
    pty = ready(program(start, "--steps", "100000000", size=size, COLUMNS="80", LINES="24"))
    pty.send("2")
    pty.until_text("space plays")
    pty.pump(0.2)  # what has been prepared is told in two messages
    pty.send("c")
    pty.until_text("running")
    return pty


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_torch_loads(start: Start, number: signal.Signals) -> None:
    pty = program(start)
    pty.until_text("loading torch")
    pty.kill(number)
    assert pty.code == 128 + number
    assert pty.restored


def test_a_signal_while_training_flat_out_behind_a_dialog(start: Start) -> None:
    pty = training(start)
    pty.send("?")
    pty.until_text("escape closes")
    pty.kill(signal.SIGTERM)
    assert pty.code == 128 + signal.SIGTERM
    assert pty.restored


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


def test_a_small_terminal_says_what_it_needs_and_trains_on(start: Start) -> None:
    pty = training(start, (80, 24))
    pty.resize(36, 6)
    pty.until_text("too small: needs 40×12, is 36×6")
    pty.resize(80, 24)
    pty.until_text("running")
    pty.send("q")
    assert pty.code == 0


def test_a_burst_of_sizes(start: Start) -> None:
    pty = training(start)
    chosen = random.Random(1)
    for _ in range(200):
        pty.resize(chosen.randint(1, 300), chosen.randint(1, 100))
    pty.resize(100, 30)
    pty.until_text("running")
    pty.send("q")
    assert pty.code == 0


def test_any_keys_can_be_left_by_escape_and_q(start: Start) -> None:
    pty = ready(program(start, "--steps", "2000"))
    chosen = random.Random(2)
    for _ in range(300):
        pty.send(chosen.choice(KEYS))
        pty.pump(0.005)
    leave(pty)
    assert pty.code == 0, pty.text


def leave(pty: Pty) -> None:
    """Escape and q, as often as there are dialogs on top of each other.

    A program that is busy reads an escape and a q that come soon after each other as alt+q.
    """
    for _ in range(30):
        for key in ("\x1b", "q"):
            pty.send(key)
            pty.pump(0.5)
            pty.pump(0.2)
        if not pty.child.isalive():
            return


def test_nothing_hostile_reaches_the_terminal(start: Start, tmp_path: Path) -> None:
    lines = [f"print({payload!r})  # {payload.splitlines()[0]}" for payload in PAYLOADS.values()]
    script = tmp_path / "\x1b]0;owned\x07\u202e[red].py"
    script.write_bytes(
        "\n".join([*lines, f"raise ValueError({PAYLOADS['title']!r})"]).encode(errors="replace")
    )
    pty = program(start, "inspect", str(script))
    ready(pty)
    for key in ("c", "l", "\x1b", "v", "?", "\x1b", "N", "N", "N"):
        pty.send(key)
        pty.pump(0.2)
    leave(pty)
    assert pty.code == 0
    output = pty.output.decode(errors="replace")
    assert [raw for raw in RAW if raw in output] == []


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_draw_gets_one_line(start: Start, term: str) -> None:
    pty = program(start, TERM=term)
    assert pty.code == 2
    assert pty.output.count(b"\n") == 1
    assert b"\x1b" not in pty.output
    assert b"linreg-tui train" in pty.output
