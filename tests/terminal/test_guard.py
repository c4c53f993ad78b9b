from __future__ import annotations

import os
import signal
import termios
import time
from pathlib import Path

import pytest

from tests.terminal.conftest import Pty, Start
from tests.terminal.guarded import SECRET

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
STUCK = [("work", number) for number in SIGNALS] + [
    ("stick", signal.SIGTERM),
    ("save for ever", signal.SIGTERM),
]


def small(start: Start, act: str, saved: Path) -> Pty:
    pty = start("-m", "tests.terminal.guarded", act, str(saved))
    pty.until_text("here I am")
    return pty


@pytest.mark.parametrize(("act", "number"), STUCK)
def test_a_signal_saves_restores_and_ends(
    start: Start, tmp_path: Path, act: str, number: signal.Signals
) -> None:
    pty = small(start, act, tmp_path / "saved")
    pty.send("x")
    pty.kill(number)
    assert pty.code == 128 + number
    assert pty.restored
    assert (tmp_path / "saved").exists()


def test_a_call_that_holds_pythons_lock_cannot_hold_up_the_end(
    start: Start, tmp_path: Path
) -> None:
    pty = small(start, "hold python's lock", tmp_path / "saved")
    pty.send("x")
    pty.until((tmp_path / "saved").exists)
    pty.kill(signal.SIGTERM)
    assert pty.code == 128 + signal.SIGKILL
    assert pty.restored


@pytest.mark.parametrize("act", ["abort", "nothing"])
def test_the_terminal_survives_the_process(start: Start, tmp_path: Path, act: str) -> None:
    pty = small(start, act, tmp_path / "saved")
    assert not cooked(pty)
    if act == "abort":
        pty.send("x")
    else:
        pty.kill(signal.SIGKILL)
    pty.until(lambda: pty.restored and cooked(pty))


def cooked(pty: Pty) -> bool:
    """Whether the terminal reads lines again, as a shell expects."""
    return bool(termios.tcgetattr(pty.terminal)[3] & termios.ICANON)


@pytest.mark.parametrize("act", ["raise", "raise in a worker", "raise in a thread"])
def test_an_exception_leaves_one_line_and_a_file(start: Start, tmp_path: Path, act: str) -> None:
    pty = small(start, act, tmp_path / "saved")
    pty.send("\x1b[48;24;80;0;0t\x1b[<0;1;1M\x1b[48;0;0;0;0t\x1b[<0;1;1m\x1b[97;1:3ux")
    assert pty.code == 1
    assert pty.restored
    assert (tmp_path / "saved").exists()
    (refused,) = (tmp_path / "XDG_STATE_HOME" / "linreg-tui").glob("refused-input.txt")
    assert [line.rpartition(": ")[2] for line in refused.read_text().splitlines()] == [
        repr("\x1b[97;1:3u")
    ]
    said = pty.output[pty.output.rfind(b"linreg-tui: ") :].decode()
    kind = "ValueError" if act == "raise" else "KeyError"
    (file,) = (tmp_path / "XDG_STATE_HOME" / "linreg-tui").glob("crash-*.txt")
    assert (
        said.strip()
        == f"linreg-tui: unexpected {kind} at guarded.py:{line(act)}; details in {file}"
    )
    assert SECRET not in pty.output.decode(errors="replace")
    assert kind in file.read_text()


def line(act: str) -> int:
    """Where `guarded.py` does it."""
    code = Path(__file__).with_name("guarded.py").read_text().splitlines()
    return code.index(f'            case "{act}":') + 2


def test_a_cut_line_ends_the_process(start: Start, tmp_path: Path) -> None:
    pty = small(start, "work", tmp_path / "saved")
    pty.send("x")
    assert pty.cut() == 128 + signal.SIGHUP
    assert (tmp_path / "saved").exists()


def test_a_cut_line_ends_the_process_that_ignores_hang_ups(start: Start, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        pty = start("-c", IGNORING, "work", str(tmp_path / "saved"))
    finally:
        signal.signal(signal.SIGHUP, before)
    pty.until_text("here I am")
    assert pty.cut() == 128 + signal.SIGHUP


IGNORING = (
    "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    "from tests.terminal.guarded import Small, run; run(Small())"
)


def test_suspended_and_continued_it_draws_again(start: Start, tmp_path: Path) -> None:
    pty = small(start, "nothing", tmp_path / "saved")
    pty.send("\x1a")
    pty.until(lambda: pty.restored)
    pty.until(lambda: stopped(pty.process))
    pty.output = b""
    pty.kill(signal.SIGCONT)
    pty.until(lambda: b"here I am" in pty.output and b"\x1b[?1049h" in pty.output)
    pty.send("q")
    assert pty.code == 0
    assert pty.restored


def test_stopped_from_outside_it_keeps_its_terminal(start: Start, tmp_path: Path) -> None:
    pty = small(start, "nothing", tmp_path / "saved")
    pty.kill(signal.SIGSTOP)
    pty.until(lambda: stopped(pty.process))
    pty.output = b""
    pty.kill(signal.SIGCONT)
    # What was drawn before the stop may still be on its way; this is drawn on a new screen.
    pty.until(lambda: b"here I am" in pty.output.partition(b"\x1b[?1049h")[2])
    pty.send("q")
    assert pty.code == 0
    assert pty.restored


def test_a_signal_is_heard_of_while_nothing_else_happens(start: Start, tmp_path: Path) -> None:
    pty = small(start, "go on in a thread", tmp_path / "saved")
    pty.output = b""
    pty.send("x")
    pty.until(lambda: b"here I am" in pty.output.partition(b"\x1b[?1049h")[2])


def stopped(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_an_ordinary_end_is_zero_whatever_is_typed_meanwhile(start: Start, tmp_path: Path) -> None:
    """Also the ctrl+s that would hold up what is not written when the line has its modes back."""
    pty = small(start, "write much", tmp_path / "saved")
    os.write(pty.terminal, b"xq")
    late = time.monotonic() + 0.5
    while not termios.tcgetattr(pty.terminal)[3] & termios.ICANON and time.monotonic() < late:
        time.sleep(0.001)
    os.write(pty.terminal, b"\x13")
    assert pty.code == 0
    assert pty.restored
    assert not list(tmp_path.glob("**/crash-*"))


def test_what_could_not_be_kept_is_said_in_the_shell(start: Start, tmp_path: Path) -> None:
    pty = small(start, "complain", tmp_path / "saved")
    pty.send("q")
    assert pty.code == 0
    assert pty.restored
    line = f"linreg-tui: not saved: \u241b{SECRET}\r\n"
    assert pty.output.endswith(line.encode())
