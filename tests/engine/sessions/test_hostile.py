"""A session file in which one text is hostile opens, or is refused in one plain line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from engine.data.source import Table
from engine.sessions.schema import plain_session
from engine.sessions.session import Session, SessionError
from engine.sessions.storage import FORMAT, VERSION, checksum_of, load
from engine.training.branches import experiment
from engine.training.breakpoints import Breakpoint
from engine.training.history import History
from engine.training.problem import Problem, State
from engine.training.run import Run, Stop
from tests.hostile import PAYLOADS, unsafe

TABLE = Table("/points.csv", "y", ("x",), 3, "print", ignored=("name",))
RUN = Run(Problem(TABLE), History(State(0, (1.0,), 0.0)), Stop("breakpoint", "stopped"))
PLAIN = plain_session(Session(experiment(RUN), (Breakpoint("loss<", 1.0),)))


def texts(plain: Any, *way: int | str) -> Iterator[tuple[int | str, ...]]:
    """The way to every text, from the outside in."""
    inside = plain.items() if isinstance(plain, dict) else enumerate(plain)
    for key, value in inside:
        if isinstance(value, str):
            yield (*way, key)
        elif isinstance(value, dict | list):
            yield from texts(value, *way, key)


def replaced(way: tuple[int | str, ...], text: str) -> Any:
    """The session with another text in one place."""
    plain = here = deepcopy(PLAIN)
    for key in way[:-1]:
        here = here[key]
    here[way[-1]] = text
    return plain


@pytest.mark.parametrize("kind", PAYLOADS)
def test_any_text_is_taken_or_refused_in_one_plain_line(tmp_path: Path, kind: str) -> None:
    path, taken = tmp_path / f"{PAYLOADS[kind][:40].replace('/', '∕')}.json", 0
    for way in texts(PLAIN):
        plain = replaced(way, PAYLOADS[kind])
        head = {"format": FORMAT, "version": VERSION, "checksum": checksum_of(plain)}
        path.write_text(json.dumps({**head, "session": plain}), encoding="ascii")
        try:
            load(path)
            taken += 1
        except SessionError as error:
            assert not unsafe(str(error)), way
    assert 4 <= taken < len([*texts(PLAIN)])
