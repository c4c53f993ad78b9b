"""A small app under the guard, which does on a key what its argument says."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Label

from tui.process.guard import run
from tui.process.guarded_app import GuardedApp

EMPTY: dict[str, None] = {}
SECRET = "the-value-of-a-variable"


class Small(GuardedApp):
    BINDINGS = [  # noqa: RUF012
        Binding("x", "act"),
        Binding("q", "quit"),
        Binding("ctrl+z", "suspend_process"),
    ]

    def compose(self) -> ComposeResult:
        yield Label("here I am")

    def save_session(self) -> None:
        Path(sys.argv[2]).write_text("saved")
        if sys.argv[1] == "save for ever":
            time.sleep(1000)
        self.last_words = f"not saved: \x1b{SECRET}" if sys.argv[1] == "complain" else ""

    def action_act(self) -> None:
        secret = SECRET
        match sys.argv[1]:
            case "raise":
                raise ValueError(secret)
            case "raise in a worker":
                self.run_worker(lambda: EMPTY[secret], thread=True)
            case "raise in a thread":
                threading.Thread(target=lambda: EMPTY[secret]).start()
            case "go on in a thread":
                threading.Thread(target=go_on).start()
            case "stick":
                while True:
                    pass
            case "work":
                self.run_worker(busy, thread=True)
            case "hold python's lock":
                Path(sys.argv[2]).touch()
                sum(range(10**10))
            case "write much":
                self.copy_to_clipboard("x" * 200_000)
            case "abort":
                os.abort()


def go_on() -> None:
    """As the kernel may choose any thread for a signal."""
    time.sleep(0.5)  # until nothing else happens
    signal.pthread_kill(threading.get_ident(), signal.SIGCONT)


def busy() -> None:
    while True:
        sum(range(1000))


if __name__ == "__main__":
    run(Small())
