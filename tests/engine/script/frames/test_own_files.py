from __future__ import annotations

from pathlib import Path

from engine.recording.journal import Journal
from engine.script.frames.own_files import OwnFiles


def test_files_are_the_users_own_by_where_they_really_are(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    for file in (project / "model.py", elsewhere / "tool.py"):
        file.write_text("x = 1\n")
    (tmp_path / "way").symlink_to(project)
    (elsewhere / "link.py").symlink_to(project / "model.py")
    (project / "link.py").symlink_to(elsewhere / "tool.py")
    files = OwnFiles(Journal("main.py", ""), "main.py", "", [str(project)])
    own = [
        project / "model.py",
        tmp_path / "way" / "model.py",
        elsewhere / "link.py",
        elsewhere / ".." / "project" / "model.py",
    ]
    strange = [elsewhere / "tool.py", project / "link.py", tmp_path / "way" / "link.py"]
    assert None not in [files.index(str(path)) for path in own]
    assert [files.index(str(path)) for path in strange] == [None] * len(strange)
