"""The command line, called as a function: what it prints and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.recording.records import Recording
from tui.cli.exit_code import exit_code
from tui.cli.main import main
from tui.cli.options.arguments import read
from tui.cli.scripts import graph


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]
RunCommand = Callable[..., Answer]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be as wide as without a terminal, wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*arguments: str) -> Answer:
        code = main(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return asked


@pytest.fixture
def run_command(capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """Call a command's own `run`, with other arguments beside its options."""

    def ran(run: Callable[..., int], *arguments: str, **others: object) -> Answer:
        code = exit_code(lambda: run(read(arguments[0], arguments[1:]), **others))
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return ran


def in_process(path: Path, *, arguments: Sequence[str], **_: object) -> Recording:
    """Record a script here: those that harm nobody need no process of their own, which is slow."""
    from engine.script.recorder import record

    return record(path, arguments=arguments)


@pytest.fixture
def run(run_command: RunCommand, tmp_path: Path) -> Ask:
    """Run `graph` on a script of the given lines.

    In this process: scripts that harm nobody need none of their own, which is slow to start.
    """

    def ran(
        *lines: str, options: tuple[str, ...] = (), isolated: graph.Recorder = in_process
    ) -> Answer:
        script = tmp_path / "script.py"
        script.write_text("\n".join(("import torch", *lines)))
        return run_command(graph.run, "graph", str(script), *options, isolated=isolated)

    return ran


def parsed(answer: Answer) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(answer.out, parse_constant=pytest.fail)
    return document
