"""What a crash leaves can be printed, whatever the files and the exception are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile import PAYLOADS, shows, unsafe
from tui.process.crash import crash_line, position, write_crash
from tui.process.guarded_app import GuardedApp


def raised(code: str, file: str) -> Exception:
    """What code in a file of that name raises."""
    try:
        exec(compile(code, file, "exec"), {})
    except Exception as error:
        return error
    raise AssertionError


def test_what_makes_textual_give_up_is_kept_with_its_place() -> None:
    app, alone = GuardedApp(), GuardedApp()
    try:
        raise KeyError
    except KeyError as error:
        app.panic()
        assert app.failure is error
        assert position(error).startswith("test_crash.py:")
    alone.panic()
    assert alone.failure is not None
    assert position(alone.failure).startswith("tui/process/guarded_app.py:")


@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_crash_in_hostile_words_leaves_plain_ones(tmp_path: Path, kind: str) -> None:
    words = PAYLOADS[kind]
    error = raised(f"raise ValueError({words!r})", f"/{words.replace('/', '∕')}.py")
    line = crash_line(error, Path(f"/{words}"))
    assert not unsafe(line)
    assert shows(position(error), f"{words.replace('/', '∕')[:3]}.py:1")
    written = write_crash(error, tmp_path)
    assert written is not None
    report = written.read_text(encoding="utf-8")
    assert not any(map(unsafe, report.split("\n")))
    assert shows(report, f"ValueError: {words}")
