"""What can be changed, and the text of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.lessons import LESSONS
from engine.recording.pass_plan import Plan
from engine.recording.records import Recording
from tui.graph.edit.changeable import recorded, text_of, version_of
from tui.graph.subjects.lesson_list import YOUR_RUN
from tui.script.subject import SavedRun, Script

LESSON = LESSONS[1]


def recording(name: str, source: str = "") -> Recording:
    return Recording(name, source, (), (), (), "end")


def test_a_lesson_is_run_in_a_process_of_its_own_with_all_passes() -> None:
    assert version_of(LESSON.key, None) == Script(LESSON.path, plan=Plan(every=1), source="")


def test_a_script_keeps_its_arguments_and_not_its_file(tmp_path: Path) -> None:
    script = Script(tmp_path / "a.py", ("1",), keep=tmp_path / "kept")
    assert version_of(script.key, script) == Script(tmp_path / "a.py", ("1",), source="")


def test_the_text_is_that_of_the_recording_else_of_the_file() -> None:
    mine = recording(LESSON.path.name, "x = 1\n")
    assert text_of(LESSON.key, None, mine) == "x = 1\n"
    for other in (None, recording("other.py", "x = 2\n")):
        assert text_of(LESSON.key, None, other) == LESSON.path.read_text()


@pytest.mark.parametrize(
    ("script", "name", "is_of"),
    [
        (Script(Path("folder/a.py")), "a.py", True),
        (Script(Path("folder/a.py")), "b.py", False),
        (Script(Path("package"), module=True), "package.__main__", True),
        (Script(Path("package.part"), module=True), "package.part", True),
    ],
)
def test_whose_recording_it_is(script: Script, name: str, is_of: bool) -> None:
    assert recorded(script, recording(name)) == is_of
    assert not recorded(script, None)


def test_what_cannot_be_changed_says_why(tmp_path: Path) -> None:
    saved = SavedRun(tmp_path / "run")
    gone = Script(tmp_path / "gone.py")
    with pytest.raises(ValueError, match="Train tab"):
        text_of(YOUR_RUN, None, None)
    with pytest.raises(ValueError, match="open its script"):
        text_of(saved.key, saved, None)
    with pytest.raises(ValueError, match="live tensor"):
        text_of("live tensor", None, None)
    with pytest.raises(ValueError, match="does not exist"):
        text_of(gone.key, gone, None)
