"""The state directory is its owner's alone, whoever makes it, and leads nowhere else."""

from __future__ import annotations

import faulthandler
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.private_files import state_path
from engine.sessions.own_versions import OwnVersions
from engine.sessions.storage import autosave_path, save
from tests.engine.sessions.examples import trained
from tui.graph.predict.scores import Scores, scores_path, write_scores
from tui.process.crash import FAULTS, note_refused, watch_faults, write_crash


def watched() -> None:
    file = watch_faults(state_path())
    assert file is not None
    faulthandler.disable()
    file.close()


def version() -> None:
    versions = OwnVersions()
    versions.keep("mine", "x = 1")
    versions.save("mine")


MAKERS: dict[str, Callable[[], object]] = {
    "faults": watched,
    "a crash": lambda: write_crash(ValueError(), state_path()),
    "refused input": lambda: note_refused(ValueError(), "\x1b[", state_path()),
    "the autosave": lambda: save(autosave_path(), trained(2), private=True),
    "a version": version,
    "scores": lambda: write_scores(scores_path(), Scores()),
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "linreg-tui"


def modes(folder: Path) -> set[tuple[bool, int]]:
    """Whether it is a folder, and who may do what, of everything below and the folder."""
    every = [folder, *folder.rglob("*")]
    return {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in every}


@pytest.mark.parametrize("maker", MAKERS)
def test_whoever_makes_it_first_makes_it_private(state: Path, maker: str) -> None:
    before = os.umask(0)
    try:
        MAKERS[maker]()
    finally:
        os.umask(before)
    assert modes(state) == {(True, 0o700), (False, 0o600)}


def test_what_an_older_one_left_open_is_closed(state: Path) -> None:
    state.mkdir(mode=0o755)
    for name in (FAULTS, "autosave.json"):
        (state / name).touch(mode=0o644)
    watched()
    MAKERS["the autosave"]()
    assert modes(state) == {(True, 0o700), (False, 0o600)}


@pytest.mark.parametrize("maker", ["faults", "refused input"])
def test_a_planted_link_is_not_followed(state: Path, maker: str) -> None:
    watched()
    victim = state.parent / "victim"
    victim.write_text("precious")
    for name in (FAULTS, "refused-input.txt"):
        (state / name).unlink(missing_ok=True)
        (state / name).symlink_to(victim)
    if maker == "faults":
        assert watch_faults(state) is None
    else:
        MAKERS[maker]()
    assert victim.read_text() == "precious"
