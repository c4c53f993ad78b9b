from __future__ import annotations

import io
import re
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from tests.terminal.conftest import Pty, Start
from tests.terminal.test_guard import cooked
from tui import inspect
from tui.process.embedded import visit
from tui.process.guarded_app import GuardedApp

PASTES = b"2004"
"""The mode in which a terminal says what is pasted; the prompt of Python 3.13 switches it on."""


def inspected(start: Start, program: str, **environ: str) -> Pty:
    return start("-m", "tests.terminal.inspected", program, **environ)


def opened(pty: Pty) -> Pty:
    pty.until_text("loss.backward()  # rehearsed")
    return pty


def closed(pty: Pty, prompt: str) -> None:
    """Close the app, and wait for its host to ask for more."""
    pty.send("q")
    pty.until(lambda: after(pty).endswith(prompt) and pty.left_on <= {PASTES})


def ended(pty: Pty) -> str:
    """Let the program end; the last line it printed before that."""
    pty.until(lambda: after(pty).endswith("done\r\n"))
    assert pty.restored
    said = after(pty).split("\r\n")[-3]
    pty.send("\n")
    assert pty.code == 0
    return said


def after(pty: Pty) -> str:
    """What was printed since the app was closed."""
    _, left, printed = pty.output.decode(errors="replace").rpartition("\x1b[?1049l")
    return "" if not left else re.sub(r"\x1b(\[[<?>\d;]*[a-zA-Z]|[=>])", "", printed)


def test_it_returns_and_leaves_the_process_as_it_was(start: Start) -> None:
    pty = opened(inspected(start, "in_a_loop", COLUMNS="70", LINES="20"))
    pty.send("sss")
    pty.until_text("node 3 of 3")
    pty.send("q")
    pty.until(lambda: b"closed once" in pty.output)
    pty.output = b""
    pty.until(lambda: b"rehearsed" in pty.output)
    # Flat out on the Train tab, which has to be stopped.
    pty.send("2")
    pty.until_text("space plays")
    pty.send("c")
    pty.send("q")
    assert ended(pty) == "changed: []"


def test_in_a_repl(start: Start) -> None:
    pty = start("-i", "-c", REPL)
    pty.until_text(">>>")
    pty.send("inspect(loss)\n")
    opened(pty)
    pty.send("s")
    pty.until_text("node 1 of 3")
    closed(pty, ">>> ")
    pty.send("print(6 * 7, w.grad)\n")
    pty.until(lambda: "42 None" in after(pty))
    pty.send("exit()\n")
    assert pty.code == 0


REPL = "from tests.terminal.inspected import inspect, loss, w"


def test_in_asyncios_own_repl(start: Start) -> None:
    pty = start("-m", "asyncio")
    pty.until_text(">>>")
    pty.send(f"{REPL}\n")
    pty.send("inspect(loss)\n")
    opened(pty)
    closed(pty, ">>> ")
    pty.send("await asyncio.sleep(0, 6 * 7)\n")
    pty.until(lambda: re.search(r"42\s+>>> $", after(pty)))
    pty.send("\x04")
    assert pty.code == 0


def test_at_a_breakpoint_with_the_names_there(start: Start) -> None:
    pty = inspected(start, "at_a_breakpoint")
    pty.until_text("(Pdb)")
    pty.send("inspect(scaled)\n")
    pty.until_text("scaled.backward()  # rehearsed")
    pty.until_text("scale ")
    closed(pty, "(Pdb) ")
    pty.send("c\n")
    assert ended(pty) == "went on 15.0"


def test_a_signal_closes_it_and_ends_the_process_as_ever(start: Start) -> None:
    pty = opened(inspected(start, "visited"))
    pty.kill(signal.SIGTERM)
    pty.until(lambda: pty.restored and cooked(pty))
    assert pty.code == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("program", "number", "words"),
    [
        ("with_a_handler", signal.SIGTERM, "heard [15]"),
        ("interrupted", signal.SIGINT, "interrupted"),
    ],
)
def test_a_signal_reaches_whoever_waits_for_it(
    start: Start, program: str, number: signal.Signals, words: str
) -> None:
    pty = opened(inspected(start, program))
    pty.kill(number)
    assert ended(pty) == words


def test_a_failure_is_an_exception_with_one_line(start: Start, tmp_path: Path) -> None:
    pty = opened(inspected(start, "failing"))
    pty.send("m")
    assert ended(pty).startswith("linreg-tui: unexpected ZeroDivisionError at ")
    assert list((tmp_path / "XDG_STATE_HOME" / "linreg-tui").glob("crash-*.txt"))


def test_the_terminal_survives_the_process(start: Start) -> None:
    pty = opened(inspected(start, "visited"))
    assert not cooked(pty)
    pty.kill(signal.SIGKILL)
    pty.until(lambda: pty.restored and cooked(pty))


def test_a_cut_line_closes_it_where_hang_ups_are_ignored(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "note"
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        f"{REPL}; inspect(loss); open({str(note)!r}, 'w').write('went on')"
    )
    pty = opened(start("-c", code, fresh=True))
    assert pty.cut() == 0
    assert note.read_text() == "went on"


def test_off_the_main_thread_it_says_so() -> None:
    with ThreadPoolExecutor() as threads:
        failure = threads.submit(visit, GuardedApp()).exception()
    assert isinstance(failure, RuntimeError)
    assert "needs the main thread" in str(failure)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stdin", "term", "words"),
    [
        (io.StringIO(), "xterm", "inspect needs a terminal on stdin and stderr"),
        (Terminal(), "dumb", "inspect cannot draw where TERM is 'dumb'"),
    ],
)
def test_without_a_terminal_that_draws_it_says_so(
    monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, term: str, words: str
) -> None:
    monkeypatch.setattr(sys, "__stdin__", stdin)
    monkeypatch.setattr(sys, "__stderr__", Terminal())
    monkeypatch.setenv("TERM", term)
    with pytest.raises(RuntimeError, match=words):
        inspect(torch.ones(2, requires_grad=True).sum())
