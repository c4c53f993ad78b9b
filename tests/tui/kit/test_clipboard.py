from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tui.kit.clipboard import OSC_LIMIT, copy, method


def unexpected(text: str) -> str:
    raise AssertionError(text)


def fake_tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> Path:
    """A program of that name that keeps what it is given."""
    kept = folder / "kept"
    program = folder / "tmux"
    program.write_text(f'#!/bin/sh\necho "$@" > "{kept}"\ncat >> "{kept}"\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    return kept


@pytest.mark.parametrize(
    ("environ", "size", "expected"),
    [
        ({"TERM": "xterm"}, 10, "osc 52"),
        ({"TERM": "xterm", "SSH_TTY": "/dev/pts/1"}, 10, "osc 52"),
        ({"TERM": "tmux", "TMUX": "/tmp/tmux-0/default"}, 10, "tmux"),
        ({"TERM": "screen", "STY": "1.pts"}, 10, "file"),
        ({"TERM": "linux"}, 10, "file"),
        ({"TERM": "xterm"}, OSC_LIMIT + 1, "file"),
    ],
)
def test_the_way_depends_on_the_terminal(environ: dict[str, str], size: int, expected: str) -> None:
    assert method(environ, size) == expected


async def test_tmux_takes_the_text_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = fake_tmux(tmp_path, monkeypatch, 0)
    said = await copy("a • b", lambda text: None, unexpected)
    assert "tmux" in said
    assert kept.read_text() == "load-buffer -w -\na • b"


async def test_a_file_is_left_where_tmux_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tmux(tmp_path, monkeypatch, 1)
    assert "there" in await copy("text", lambda text: None, lambda text: "there")


async def test_elsewhere_the_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    written: list[str] = []
    assert "OSC 52" in await copy("text", written.append, unexpected)
    assert written == ["text"]


async def test_a_selection_gets_out_of_tmux_too(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = fake_tmux(tmp_path, monkeypatch, 0)
    async with open_app() as screen:
        screen.app.copy_to_clipboard("what no text is: \udcff")
        await screen.until(lambda: kept.exists() and kept.read_text().endswith("is: ?"))
        assert screen.app.clipboard == "what no text is: ?"
