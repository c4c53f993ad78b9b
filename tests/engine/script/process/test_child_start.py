"""Python is started so that a script finds its own modules, and the recorder is found at all."""

from __future__ import annotations

import ast
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from engine.recording.pass_plan import Plan
from engine.script.process.child import START, ScriptCall, order, start
from engine.script.process.hiding_files import hidden_by_now, hidden_from

CHILD = "def main(known, one):\n    import sys; print(sys.path[0], one, 'json' in known)\n"
STARTED = "from engine.script.process.child import start; print(start(None, popen=lambda c: c))"
"""Prints how Python is started on a script."""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in place of ours, which says how it was started."""
    (tmp_path / "ours" / "script" / "process").mkdir(parents=True)
    (tmp_path / "ours" / "script" / "process" / "child.py").write_text(CHILD)
    (tmp_path / "ours" / "own_builtins.py").write_text("keep_builtins = int")
    (tmp_path / "ours" / "__init__.py").write_text("")
    return tmp_path / "ours" / "__init__.py"


def test_python_is_started_as_this_one_was_but_for_where_modules_are() -> None:
    flags = ["-O", "-W", "error::UserWarning", "-X", "dev", "-s"]
    command = [sys.executable, *flags, "-c", STARTED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    started = ast.literal_eval(done.stdout)
    assert started[0] == sys.executable
    assert sorted(started[1:-3]) == ["-O", "-Werror::UserWarning", "-X", "dev"]
    assert started[-3] == "-c"


@pytest.mark.parametrize(
    ("environ", "flags", "passed_on"),
    [
        ({}, ["-B"], ["-B"]),
        ({"PYTHONDONTWRITEBYTECODE": "1"}, [], []),
        ({"PYTHONDONTWRITEBYTECODE": "1"}, ["-B"], []),
        ({"PYTHONDONTWRITEBYTECODE": ""}, ["-B"], ["-B"]),
        (
            {"PYTHONWARNINGS": "error::UserWarning,default::FutureWarning"},
            ["-W", "ignore::BytesWarning"],
            ["-Wignore::BytesWarning"],
        ),
    ],
)
def test_what_the_environment_says_is_not_passed_on_as_well(
    environ: dict[str, str], flags: list[str], passed_on: list[str]
) -> None:
    said = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *flags, "-c", STARTED]
    done = subprocess.run(
        command, env={**said, **environ}, capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(done.stdout)[1:-3] == passed_on


@pytest.mark.parametrize("safe", ["", "1"])
def test_nothing_of_ours_is_looked_for_where_python_is_started(
    package: Path, tmp_path: Path, safe: str
) -> None:
    for name in ("engine.py", "json.py"):
        (tmp_path / name).write_text("raise ImportError('of the project')")
    request = {"engine": str(package), "one": 1}
    environ = {**os.environ, "PYTHONSAFEPATH": safe, "PYTHONPATH": "first"}
    command = [sys.executable, "-c", START, json.dumps(request)]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"{tmp_path / 'first'} 1 False\n", "")


@pytest.mark.parametrize(
    ("safe", "said"), [("", "json.py, beside the script"), ("1", "no module named own")]
)
def test_the_folder_of_the_script_is_searched_where_python_searches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, safe: str, said: str
) -> None:
    for name in ("own.py", "json.py"):
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    ordered = order(ScriptCall("own", module=True), Plan(), tmp_path / "own.run")
    environ = {**os.environ, "PYTHONSAFEPATH": safe, "PYTHONPATH": ""}
    process = start(ordered, env=environ, stderr=subprocess.PIPE)
    assert said in process.communicate()[1].decode()


def test_a_script_has_its_own_module_where_only_we_need_the_one_it_hides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resource", sys)
    (tmp_path / "resource.py").write_text("")
    assert hidden_by_now(str(tmp_path), sys.modules.keys() - {"resource"}) is None
    assert "resource" not in sys.modules


def test_a_file_that_hides_what_torch_needs_is_named(tmp_path: Path) -> None:
    for name in ("json.py", "random.py", "torch.py"):
        (tmp_path / name).write_text("1 / 0")
    here = str(tmp_path)
    assert hidden_by_now(here, sys.modules) is None
    found = hidden_by_now(here, sys.modules.keys() - {"json"})
    assert found is not None and "json.py, beside the script, hides the module json" in str(found)
    for name, what in (("random.py", "the module random that torch needs"), ("torch.py", "torch")):
        try:
            runpy.run_path(str(tmp_path / name))
        except ZeroDivisionError as error:
            assert f"{name}, beside the script, hides {what}" in str(hidden_from(error, here))
    assert hidden_from(ImportError("no such library"), here) is None
