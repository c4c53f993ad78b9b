from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import settings

from engine.recording.records import Recording
from engine.script.process.child import Popen
from engine.script.process.script_process import ScriptProcess
from engine.script.process.subprocess_recorder import record_isolated
from tests.examples import USUAL
from tests.forks.forks import Forks, RecordForked, RecordText

# Examples are as slow as the machine is busy, and that is no failure.
settings.register_profile("untimed", deadline=None, max_examples=USUAL)
settings.register_profile("long", deadline=None, max_examples=2000, stateful_step_count=100)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "untimed"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As a shell starts what runs in the background: no program that a test starts would hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Or every worker compiles all tests anew, and every program that one starts the app.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: much of the time a test waits for a screen or a process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(2, (cores or 1) * 2)


def pytest_collection_finish() -> None:
    """What is imported stays: no collection of garbage need look through torch and the screen."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)  # an app that is started makes many objects, and they stay


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests of GPUs need one: `pytest -m cuda -n 0` runs them all where there is one."""
    if item.get_closest_marker("cuda") is not None:
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device")


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> None:
    """Small problems are quicker on one thread, and other tests get the other core."""
    import torch  # which the process that only hands out tests need not do

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def forks(run_folder: Path) -> Iterator[Forks]:
    """Starts Python programs that have torch."""
    forks = Forks(run_folder)
    yield forks
    forks.close()


@pytest.fixture(scope="session")
def record_forked(forks: Forks) -> RecordForked:
    """Records like `record_isolated`, but in a fork."""

    def record(path: Path, **options: Any) -> Recording:
        process = ScriptProcess(cast(Popen, forks.popen))
        return record_isolated(path, process=process, **options)

    return record


@pytest.fixture
def record_text(tmp_path: Path, record_forked: RecordForked) -> RecordText:
    """Records a script of this text, in a fork."""

    def record(source: str) -> Recording:
        path = tmp_path / "script.py"
        path.write_text(source)
        return record_forked(path)

    return record


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file may grow beyond 1000 bytes, as on a disk that is full."""
    # Python 3.11 would leave the cut-off bytecode of a module that is imported now.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)
