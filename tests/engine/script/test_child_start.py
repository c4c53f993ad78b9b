"""Python is started so that a script finds its own modules, and the recorder is found at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.script.child import START

CHILD = "def main(**request):\n    import sys; print(sys.path[0], request)\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in place of ours, which says how it was started."""
    (tmp_path / "ours" / "script").mkdir(parents=True)
    (tmp_path / "ours" / "script" / "child.py").write_text(CHILD)
    (tmp_path / "ours" / "__init__.py").write_text("")
    return tmp_path / "ours" / "__init__.py"


@pytest.mark.parametrize("safe", ["", "1"])
def test_the_folder_of_the_script_comes_first_where_python_puts_it_there(
    package: Path, tmp_path: Path, safe: str
) -> None:
    (tmp_path / "engine.py").write_text("raise ImportError('of the project')")
    request = {"engine": str(package), "folder": str(tmp_path), "one": 1}
    environ = {**os.environ, "PYTHONSAFEPATH": safe, "PYTHONPATH": "first"}
    command = [sys.executable, "-c", START, json.dumps(request)]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    first = str(tmp_path / "first") if safe else str(tmp_path)
    assert (done.stdout, done.stderr) == (f"{first} {{'one': 1}}\n", "")
