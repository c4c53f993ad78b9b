from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.sessions.session import Session, SessionError
from engine.sessions.storage import SIZE_LIMIT, VERSION, autosave_path, checksum_of, load, save
from engine.training.branches import Experiment
from engine.training.problem import Problem
from tests.engine.sessions.examples import end, sessions, text, trained
from tests.engine.sessions.saving import killed_while_saving


@given(sessions())
def test_any_session_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, session: Session
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    save(path, session)
    assert text(load(path)) == text(session)


def test_a_training_goes_on_exactly_where_it_was_saved(tmp_path: Path) -> None:
    session = trained()
    save(tmp_path / "session.json", session)
    loaded = load(tmp_path / "session.json")
    there, here = loaded.experiment.branch, session.experiment.branch
    assert there.run.problem == here.run.problem
    assert end(there.run, 90).history.steps == end(here.run, 90).history.steps
    assert end(there.furthest, 25).state == end(here.furthest, 25).state
    assert there.steps == here.steps
    assert (loaded.breakpoints, loaded.pace) == (session.breakpoints, session.pace)


def test_a_run_that_is_the_furthest_is_written_once(tmp_path: Path) -> None:
    save(tmp_path / "session.json", trained())
    first, second = load(tmp_path / "session.json").experiment.branches
    assert first.run is first.furthest
    assert second.run is not second.furthest


def test_a_file_of_this_schema_from_before_still_opens() -> None:
    """Changes that this test does not survive need another VERSION, and code to read this one."""
    path = Path(__file__).with_name("session_v1.json")
    main, faster = load(path).experiment.branches
    assert (main.name, main.furthest.state.iteration) == ("main", 6)
    assert (faster.name, faster.parent, faster.run.history.start.iteration) == (
        "learning rate 0.05",
        "main",
        3,
    )
    assert (faster.run.state.iteration, faster.furthest.state.iteration) == (5, 6)
    raw = json.loads(path.read_text())["session"]["branches"][0]["run"]
    assert main.run.problem == Problem(Synthetic(noise=0.1), momentum=0.5)
    assert [step.loss for step in main.steps] == raw["history"]["steps"]["loss"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a session."""
    path = tmp_path_factory.mktemp("saved") / "session.json"
    save(path, trained(4))
    return path.read_bytes()


def loads(folder: Path, data: bytes) -> Session:
    """What comes of loading these bytes; the file must stay as it is."""
    path = folder / "session.json"
    path.write_bytes(data)
    try:
        return load(path)
    except SessionError as error:
        message = str(error)
        assert message.startswith("session.json ")
        assert message.isprintable()
        assert len(message) < 300
        raise
    finally:
        assert path.read_bytes() == data


def test_a_file_cut_at_any_byte_is_refused(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(saved)
    for length in reversed(range(len(saved))):
        os.truncate(path, length)
        with pytest.raises(SessionError, match="damaged"):
            load(path)
        assert path.stat().st_size == length


def test_no_flipped_bit_goes_unseen(saved: bytes, tmp_path: Path) -> None:
    """Unless it changes nothing, as in an exponent's e to E."""
    path = tmp_path / "whole.json"
    path.write_bytes(saved)
    whole = text(load(path))
    chance = random.Random(0)
    for place in chance.sample(range(len(saved)), 600):
        flipped = bytearray(saved)
        flipped[place] ^= 1 << chance.randrange(8)
        try:
            found = loads(tmp_path, bytes(flipped))
        except SessionError:
            continue
        assert text(found) == whole


@given(st.binary(max_size=200), st.integers(0, 5000), st.integers(0, 200))
def test_no_other_bytes_bring_anything_but_an_error_or_the_same(
    saved: bytes, tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int, length: int
) -> None:
    """The same: JSON may have white space around."""
    folder = tmp_path_factory.getbasetemp()
    try:
        found = loads(folder, saved[:place] + junk + saved[place + length :])
    except SessionError:
        return
    assert text(found) == text(loads(folder, saved))


def edited(saved: bytes, **changes: object) -> bytes:
    """A session with other entries and, as if made by somebody who knows how, a right checksum.

    `a__0__b=1` changes entry b of item 0 of a.
    """
    whole = json.loads(saved)
    for path, value in changes.items():
        *way, last = (int(key) if key.isdecimal() else key for key in path.split("__"))
        target = whole["session"]
        for key in way:
            target = target[key]
        target[last] = value
    return json.dumps(whole | {"checksum": checksum_of(whole["session"])}).encode()


RUN = "branches__0__run__"
LONG = "branches__1__furthest__"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"current": 7}, "needs a current branch"),
        ({"current": True}, "current must be a whole number, not True"),
        ({"current": 10**400}, "current must be a whole number, not 1000"),
        ({"branches": []}, "needs 1 to 100 branches"),
        ({"branches": {}}, "branches must be a list, not dict"),
        ({"branches__1__name": "main"}, "branches of different names"),
        ({"branches__1__name": "\x1b[2J"}, "names to show"),
        ({"branches__1__parent": "nobody"}, "the parent of"),
        ({"unknown": 1}, "has an unknown 'unknown'"),
        ({"pace": "nan"}, "a pace above 0"),
        ({"pace": "fast"}, "pace must be a number, not 'fast'"),
        ({f"{RUN}problem__learning_rate": "0.1"}, "learning_rate must be a number, not '0.1'"),
        ({f"{RUN}problem__learning_rate": -1.0}, "learning rate must be above 0"),
        ({f"{RUN}problem__dtype": "int8"}, "dtype must be float32 or float64, not 'int8'"),
        ({f"{RUN}problem__source__points": 10**12}, "points must be from 1 to 100,000,000"),
        ({f"{RUN}problem__source__record": "os.system"}, "source must be a Synthetic"),
        ({f"{RUN}problem__source__true_w": [[[[]]]]}, r"true_w\[0\] must be a number, not list"),
        ({f"{RUN}problem__device": "meta"}, "device must be cpu, cuda or cuda:N, not 'meta'"),
        ({f"{RUN}problem": None}, "problem must be an object, not None"),
        ({f"{RUN}history__stride": 0}, "a stride from 1"),
        (
            {f"{RUN}history__stride": 2, f"{RUN}history__steps__iteration": [0, 1, 65, 66]},
            "steps 2 apart",
        ),
        ({f"{LONG}history__steps__iteration": [3, 3]}, "steps in their order"),
        ({f"{LONG}history__steps__iteration": [0]}, "columns of different lengths"),
        ({f"{LONG}history__steps__iteration": [0, 1.0]}, "must be a whole number, not 1.0"),
        ({f"{LONG}history__steps__w": [[1.0, 2.0]] * 2}, "as many gradients as w"),
        ({f"{LONG}history__steps__b_velocity": [None] * 2}, "velocities for all or none"),
        ({f"{LONG}history__start__w": [1.0, 2.0]}, "1 w everywhere"),
        ({f"{LONG}history__start__b_velocity": None}, "velocities for both w and b"),
        ({f"{LONG}history__steps": {}}, "must be columns iteration, loss, w"),
        ({f"{LONG}history__start__iteration": 1}, "one start in"),
        ({f"{LONG}problem__learning_rate": 0.5}, "one problem in"),
        ({"branches__1__inherited__iteration": [1, 2]}, "inherited steps in their order"),
        ({"breakpoints__0__kind": "eval"}, "kind must be i= or loss< or"),
        ({"breakpoints__0__threshold": "nan"}, "a finite number from 0 must follow loss<"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused_though_the_checksum_fits(
    saved: bytes, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(SessionError, match=message):
        loads(tmp_path, edited(saved, **changes))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"null", "is not a session of linreg-tui"),
        (b'{"format": "another"}', "is not a session of linreg-tui"),
        (b"[" * 100_000, "not JSON"),
        (b'{"format":"linreg-tui session","version":1,"checksum":"","session":'
         + b"[" * 900 + b"]" * 900 + b"}", "checksum"),
        (b"9" * 10_000, "not JSON"),
        (b"NaN", "not JSON"),
        (b"1e999", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"\x80\x04\x95cos\nsystem\n", "not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_session_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=message):
        loads(tmp_path, data)


def test_a_newer_schema_is_told_from_damage(saved: bytes, tmp_path: Path) -> None:
    newer = json.dumps(json.loads(saved) | {"version": VERSION + 1, "more": {}}).encode()
    message = r"was saved by a newer linreg-tui \(schema 3, this one reads up to 2\)"
    with pytest.raises(SessionError, match=message):
        loads(tmp_path, newer)


def test_what_cannot_be_read_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"^cannot read none: No such file or directory$"):
        load(tmp_path / "none")
    with pytest.raises(SessionError, match="Is a directory"):
        load(tmp_path)
    with pytest.raises(SessionError, match=r"^cannot read zero: it is a device$"):
        load(Path("/dev/zero"))
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    with pytest.raises(SessionError, match="larger than"):
        load(huge)


def test_a_session_that_cannot_be_saved_leaves_the_old_one(
    saved: bytes, tmp_path: Path, small_files: None
) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(saved[:900])
    with pytest.raises(SessionError, match=r"^not saved: cannot write .*: File too large$"):
        save(path, trained())
    assert path.read_bytes() == saved[:900]
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(SessionError, match="No space left on device"):
        save(Path("/dev/full"), trained(2))
    with pytest.raises(SessionError, match="No such file or directory"):
        save(tmp_path / "vanished" / "session.json", trained(2))


def test_the_folder_of_an_autosave_is_made_or_said_why_not(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "autosave.json"
    save(path, trained(2), private=True)
    assert load(path) is not None
    assert path.parent.stat().st_mode & 0o777 == 0o700
    no_folder = path / "below" / "autosave.json"
    with pytest.raises(
        SessionError, match=r"not saved: cannot write .*: (Not a directory|File exists)"
    ):
        save(no_folder, trained(2), private=True)


def test_nothing_is_saved_that_could_not_be_loaded(tmp_path: Path) -> None:
    session = trained(2)
    for wrong in (
        replace(session, pace=-1.0),
        replace(session, experiment=Experiment(())),
    ):
        with pytest.raises(SessionError, match="not saved: a session needs"):
            save(tmp_path / "session.json", wrong)
    assert list(tmp_path.iterdir()) == []


def test_killed_at_any_moment_of_saving_the_file_opens(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    save(path, trained(300))
    chance = random.Random(0)
    for _ in range(8):
        last = killed_while_saving(path, chance.uniform(0.0, 0.05))
        assert load(path).pace in (last, last + 1), "at most the last save is lost"


def test_the_autosave_is_in_the_users_state_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = autosave_path()
    assert path == tmp_path / "linreg-tui" / "autosave.json"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    save(path, trained(2))
    assert len(load(path).experiment.branches) == 2
