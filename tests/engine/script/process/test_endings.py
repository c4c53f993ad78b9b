"""How a script ends: by itself, by an error, by its own wish, or because it is stopped."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from engine.recording.journal import Journal
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.script_errors import script_error, uncaught
from engine.script.frames.source_file import TOO_DEEP
from engine.script.recorder import record_source
from tests.engine.script.scripts import last, lines, names, recorded


def test_caught_and_uncaught_errors() -> None:
    recording = recorded(
        """
        def fail():
            raise ValueError("inner")
        try:
            fail()
        except ValueError:
            pass
        x = torch.ones(1)
        1 / 0
        x = None
        """
    )
    assert str(last(recording, 3).error) == "ValueError: inner"
    assert str(last(recording, 5).error) == "ValueError: inner"
    assert recording.error is not None
    assert str(recording.error) == "ZeroDivisionError: division by zero"
    assert (recording.ending, recording.error.line) == ("error", 9)
    assert names(recording, 9) == ["x"]


def test_an_error_in_the_middle_of_a_loop_iteration_is_not_hidden_by_the_end_of_iteration() -> None:
    recording = recorded("for i in iter([1]):\n    pass\n")
    assert all(moment.error is None for moment in recording.moments)


def test_a_form_feed_begins_no_line() -> None:
    recording = recorded("x = 1\n\x0c\ndef fail():\n    return x / 0\n\x0cfail()\n")
    assert recording.error is not None
    assert recording.error.way == ("<script>:6  fail()", "<script>:5  return x / 0")


DEEP = ("y = " + "1+" * 20_000 + "1", "if y:\n    z = " + "-" * 9_000 + "1")


@pytest.mark.parametrize("statement", DEEP)
def test_what_python_cannot_compile_has_a_line(statement: str) -> None:
    recording = record_source(f"x = 1\n{statement}\nx = (2,\n3)\n", "script")
    assert recording.error is not None
    assert (recording.error.message, recording.error.line) == (TOO_DEEP, 2)


def test_a_syntax_error_is_placed_in_the_file_that_has_it(tmp_path: Path) -> None:
    main, other = str(tmp_path / "main.py"), tmp_path / "other.py"
    other.write_text("x = 1\ndef f(:\n")
    files = OwnFiles(Journal("main.py", "load()\n"), main, "load()\n", [str(tmp_path)])
    with pytest.raises(SyntaxError) as raised:
        load = partial(compile, other.read_text(), str(other), "exec")
        exec(compile("load()\n", main, "exec"), {"load": load})
    error = script_error(raised.value, files, main)
    assert (str(error), error.line, error.file) == ("SyntaxError: invalid syntax", 2, 1)
    assert error.way == ("main.py:1  load()", "other.py:2  def f(:")


def test_a_failure_of_ours_is_told_from_one_of_the_script() -> None:
    files = OwnFiles(Journal("script", "1 / 0"), "<script>", "1 / 0")
    try:
        try:
            exec(compile("1 / 0", "<script>", "exec"), {})
        finally:
            raise KeyError("ours")
    except KeyError as error:
        assert uncaught(error, files, "<script>").type == "ZeroDivisionError"
        error.__context__ = None
        assert "not the script: KeyError at test_endings.py" in str(
            uncaught(error, files, "<script>")
        )


def test_a_syntax_error_has_a_line_and_a_column() -> None:
    recording = record_source("x = 1\ny = = 2\n", "script")
    assert recording.moments == ()
    assert recording.ending == "error"
    assert recording.error is not None
    assert (recording.error.type, recording.error.line, recording.error.column) == (
        "SyntaxError",
        2,
        5,
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("sys.exit()", None),
        ("sys.exit(3)", "3"),
        ("sys.exit('no')", "no"),
        ("sys.exit(type('Code', (), {'__str__': None})())", "an object that has no text"),
    ],
)
def test_sys_exit(call: str, message: str | None) -> None:
    recording = recorded(f"import sys\n{call}\nx = 1\n")
    assert recording.ending == "exit"
    assert lines(recording) == [1, 2, 3]
    assert (recording.error.message if recording.error else None) == message


def test_the_bound() -> None:
    recording = record_source("while True:\n    x = 1\n", "script", limit=10)
    assert recording.ending == "bound"
    assert len(recording.moments) == 10


def test_a_script_that_catches_everything_is_stopped_all_the_same() -> None:
    source = "while True:\n    try:\n        x = 1\n    except Exception:\n        pass\n"
    assert record_source(source, "script", limit=10).ending == "bound"


def test_cancel() -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 5

    recording = record_source("while True:\n    x = 1\n", "script", cancelled=cancelled)
    assert recording.ending == "cancelled"
    assert len(recording.moments) == 5
