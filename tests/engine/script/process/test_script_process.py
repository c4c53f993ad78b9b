from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from engine.recording.records import Recording
from engine.script.process.child import Popen
from engine.script.process.script_process import ScriptProcess
from engine.script.process.subprocess_recorder import record_isolated
from tests.forks.forks import Forks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills process groups")

SCRIPT = """\
import os, sys, torch
x = torch.ones(2, requires_grad=True)
loss = (x * x).sum()
loss.backward()
print(os.getppid(), sys.argv[1:], sys.path[0], __name__)
"""


@pytest.fixture
def waiting(forks: Forks) -> Iterator[ScriptProcess]:
    process = ScriptProcess(cast(Popen, forks.popen))
    process.prepare()
    yield process
    process.close()


def recorded(folder: Path, process: ScriptProcess, source: str = SCRIPT) -> Recording:
    path = folder / "script.py"
    path.write_text(source)
    return record_isolated(path, arguments=["a"], process=process)


def test_a_script_runs_in_the_process_that_has_waited_for_it(
    tmp_path: Path, waiting: ScriptProcess
) -> None:
    folder, number = waiting.folder, waiting.process.pid
    recording = recorded(tmp_path, waiting)
    assert recording.output == f"{number} ['a'] {tmp_path} __main__\n"
    assert (recording.ending, len(recording.backwards)) == ("end", 1)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(number, 0)


def test_or_in_another_one_where_that_has_died(tmp_path: Path, waiting: ScriptProcess) -> None:
    number = waiting.process.pid
    os.kill(number, signal.SIGKILL)
    waiting.process.wait()
    recording = recorded(tmp_path, waiting)
    assert recording.ending == "end"
    assert not recording.output.startswith(f"{number} ")


def test_what_torch_would_have_found_beside_the_script_is_found(
    tmp_path: Path, waiting: ScriptProcess
) -> None:
    (tmp_path / "random.py").write_text("")
    recording = recorded(tmp_path, waiting)
    assert "random.py, beside the script, hides the module random" in str(recording.error)


def test_a_module_of_the_scripts_own_is_found_there(tmp_path: Path, waiting: ScriptProcess) -> None:
    (tmp_path / "json.py").write_text("own = True\n")
    (tmp_path / "helper.py").write_text("factor = 3\n")
    recording = recorded(tmp_path, waiting, "import helper\nprint(helper.factor)\n")
    plain = recorded(tmp_path, ScriptProcess(), "import helper\nprint(helper.factor)\n")
    assert str(recording.error) == str(plain.error)
    assert recording.output == plain.output


def test_one_that_waits_ends_with_its_pipe_and_leaves_no_folder(
    waiting: ScriptProcess,
) -> None:
    folder, number = waiting.folder, waiting.process.pid
    waiting.let_go()
    waiting.process.wait(60)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(number, 0)
