from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Ask, RunCommand
from tui.cli.options.arguments import read
from tui.cli.start import serve


class Served:
    """Notes what would be served."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.address: tuple[str, int] = "", 0
        self.local = False

    def __call__(self, command: Sequence[str], listening: socket.socket, *, local: bool) -> None:
        with listening:
            self.command, self.local = list(command), local
            self.address = listening.getsockname()[:2]


def test_the_app_is_served_to_this_machine_only(run_command: RunCommand) -> None:
    served = Served()
    answer = run_command(serve.run, "serve", "--port", "0", "--lr", "0.1", serve=served)
    host, port = served.address
    assert (answer.code, host, served.local) == (0, "127.0.0.1", True)
    assert f"http://127.0.0.1:{port} " in answer.out
    assert answer.err == ""
    assert served.command[-2:] == ["--lr", "0.1"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_are_let_in_with_a_warning(run_command: RunCommand, host: str) -> None:
    served = Served()
    answer = run_command(serve.run, "serve", "--host", host, "--port", "0", serve=served)
    if answer.code == 2:
        pytest.skip(f"no such address here: {answer.err}")
    assert not served.local
    assert answer.err.count("\n") == 1
    assert "can run Python here as you" in answer.err
    assert socket.gethostname() in answer.out


def test_a_port_that_is_taken_is_said_in_one_line(run_command: RunCommand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = run_command(serve.run, "serve", "--port", port, serve=Served())
    assert answer.code == 2
    assert answer.err.startswith(f"linreg-tui: port {port} is taken; --port takes another")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("missing", ["textual_serve.server", "aiohttp"])
def test_what_is_missing_is_said_with_the_command_that_installs_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delitem(sys.modules, "tui.cli.start.web_server", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    answer = ask("serve", "--port", "0")
    assert answer.code == 2
    assert answer.err.endswith("is missing; pip install 'linreg-tui[web]'\n")
    assert answer.err.count("\n") == 1


def test_what_serve_does_not_know_is_for_the_app(tmp_path: Path) -> None:
    script = tmp_path / "model.py"
    script.write_text("pass\n")
    for line, words in (
        ("", []),
        ("--port 9000 --theme light", ["--theme", "light"]),
        ("--resume", ["--resume"]),
        (f"{script}", ["inspect", f"{script}"]),
        (f"--ascii {script} --host ::1", ["inspect", "--ascii", f"{script}"]),
        (f"inspect {script}", ["inspect", f"{script}"]),
        (f"{script} -- --port 5", ["inspect", f"{script}", "--", "--port", "5"]),
        ("-m json.tool", ["inspect", "-m", "json.tool"]),
        ("--port 9000 backward --ascii", ["backward", "--ascii"]),
    ):
        assert read("serve", line.split()).words == words


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--lrr 3", "unknown argument --lrr; did you mean --lr?"),
        ("nowhere.py", "nowhere.py does not exist"),
        ("backward nowhere.py", "unknown argument nowhere.py; see linreg-tui --help"),
        ("--data -", "--data -: every tab would read the same standard input"),
        ("--port 65536", "--port must be from 0 to 65535, not 65536"),
        ("--host nowhere.invalid", "--host nowhere.invalid is no address of this machine"),
    ],
)
def test_wrong_use_is_said_before_there_is_a_server(
    run_command: RunCommand, line: str, complaint: str
) -> None:
    answer = run_command(serve.run, "serve", *line.split(), serve=Served())
    assert answer.code == 2
    assert complaint in answer.err
