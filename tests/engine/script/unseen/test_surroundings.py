"""What a script finds around it, and that all of it is afterwards as it was before."""

from __future__ import annotations

import sys
import threading
import warnings
from pathlib import Path

import pytest
import torch

from engine.recording.records import Recording
from engine.script.frames.source_file import SourceError
from engine.script.process.child import WAITING, waiting_threads_sleep
from engine.script.recorder import record, record_source
from tests.engine.script.scripts import recorded


def test_stdin_is_empty() -> None:
    recording = recorded("import sys\nx = sys.stdin.read()\ninput()\n")
    assert str(recording.error) == "EOFError: EOF when reading a line"


def test_threads_sleep_unless_the_user_has_said_how_they_wait() -> None:
    environ = {"HOME": "/"}
    with waiting_threads_sleep(environ):
        assert environ == {"HOME": "/", WAITING: "passive"}
    assert environ == {"HOME": "/"}
    environ[WAITING] = "active"
    with waiting_threads_sleep(environ):
        assert environ[WAITING] == "active"
    assert environ[WAITING] == "active"


def test_a_file_with_its_arguments_and_neighbours(tmp_path: Path) -> None:
    (tmp_path / "helper_of_test.py").write_text("VALUE = 7\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom helper_of_test import VALUE\nprint(sys.argv[1:], VALUE, __name__)\n"
    )
    before = list(sys.argv), list(sys.path)
    recording = record(script, arguments=["--lr", "0.1"])
    assert recording.output == "['--lr', '0.1'] 7 __main__\n"
    assert recording.name == "script.py"
    assert (sys.argv, sys.path) == before
    del sys.modules["helper_of_test"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "does not exist"),
        (b"x = 1\n\xff", "line 2 is not utf-8"),
        (b"\nx = 1\0", "line 2 has a null character"),
        (b"# coding: latin-99\n", "unknown encoding"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "script.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=why):
        record(path)
    with pytest.raises(SourceError, match="is a directory"):
        record(tmp_path)


def test_torch_and_the_process_are_as_before() -> None:
    state = torch.get_rng_state()
    trace, stdout = sys.gettrace(), sys.stdout
    recorded(
        """
        import warnings
        torch.manual_seed(5)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        warnings.simplefilter("ignore")
        x = torch.rand(1)
        """
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_default_dtype() is torch.float32
    assert torch.is_grad_enabled()
    assert (sys.gettrace(), sys.stdout) == (trace, stdout)
    with pytest.raises(UserWarning):
        warnings.warn("still an error", stacklevel=1)


def test_variables_given_and_found_afterwards() -> None:
    namespace: dict[str, object] = {"x": torch.tensor(2.0)}
    recording = record_source("y = x * 3\n", "script", namespace)
    assert recording.moments[0].changed == ("y",)
    assert isinstance(namespace["y"], torch.Tensor)
    assert namespace["y"].item() == 6


def test_recordings_of_several_threads_do_not_mix() -> None:
    results: dict[int, Recording] = {}

    def run(number: int) -> None:
        results[number] = record_source(f"for i in range(20):\n    print({number})\n", "script")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: results[n].output for n in results} == {n: f"{n}\n" * 20 for n in range(4)}
