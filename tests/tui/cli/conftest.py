"""The command line, called as a function: what it prints and its exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.recording.records import Recording
from tui.cli.main import exit_code, main
from tui.cli.reading import read


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]
RunCommand = Callable[..., Answer]


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
