"""Hostile text through every command: stdout and stderr stay plain, in columns and in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forks.forks import RecordForked
from tests.hostile import PAYLOADS, shows, unsafe
from tests.tui.cli.conftest import Ask, RunCommand, in_process
from tests.tui.hostile_records import recording
from tui.cli.scripts import graph
from tui.cli.scripts.graph_choice import ChosenGraph
from tui.cli.scripts.graph_text import lines
from tui.kit.glyphs import ASCII

SCRIPT = """\
import torch
names = {names!r}
class Same(torch.autograd.Function):
    forward = staticmethod(lambda ctx, x: x.clone())
    backward = staticmethod(lambda ctx, g: g)
for name in names:
    globals()[name] = torch.ones(2, requires_grad=True)
    print(name)
total = 0 * torch.ones(2, requires_grad=True)
{made}
globals()[names[1]] = total.sum()
globals()[names[1]].backward()
raise ValueError(names[1])
"""
MADE = """\
total = total + type({op!r}, (Same,), {{}}).apply(globals()[{name!r}])
total = total * float(len("{raw}") > 0)
"""
Arrange = Callable[[Path, str], list[str]]


def script(folder: Path) -> list[str]:
    """Leaves and an op with every name, which are printed, and the last raised."""
    path = folder / "script.py"
    names = list(PAYLOADS.values())
    made = "".join(
        MADE.format(op=name.encode(errors="replace").decode(), name=name, raw=literal(name))
        for name in names
    )
    path.write_bytes(SCRIPT.format(names=names, made=made).encode(errors="replace"))
    return ["graph", str(path)]


def literal(text: str) -> str:
    """As much of it as may stand between quotes."""
    return "".join(c for c in text if len(f"{c}x".splitlines()) == 1 and c not in '"\\')


def columns(folder: Path, text: str) -> list[str]:
    """A file whose columns are called so."""
    path = folder / "points.csv"
    rows = f'"{quoted(text)}","{quoted(text[:9])}y"\n1,2\n2,3\n3,5\n'
    path.write_text(rows, encoding="utf-8", errors="replace", newline="")
    return ["--data", str(path), "--steps", "1"]


def quoted(text: str) -> str:
    return text.replace('"', '""')


def cell(folder: Path, text: str) -> list[str]:
    """A file in which it stands for a number."""
    path = folder / "points.csv"
    rows = f'x,y\n1,2\n2,3\n3,"{quoted(text)}"\n'
    path.write_text(rows, encoding="utf-8", errors="replace", newline="")
    return ["train", "--data", str(path)]


def configured(folder: Path, line: str, *command: str) -> list[str]:
    """A command, by default the check, where the configuration file says something."""
    path = folder / "config" / "linreg-tui" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line, encoding="utf-8")
    return [*(command or ("config", "--check"))]


def toml(text: str) -> str:
    """A quoted string with every character escaped; TOML has no surrogates."""
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text.encode(errors="replace").decode()) + '"'


def there(folder: Path, text: str) -> str:
    """A name that a file may have."""
    return str(folder / text[:60].replace("/", "∕"))


PLACES: dict[str, Arrange] = {
    "a script's file name": lambda folder, text: ["graph", there(folder, text) + ".py"],
    "an app's file name": lambda folder, text: ["inspect", there(folder, text)],
    "columns in a chart": lambda folder, text: ["chart", *columns(folder, text)],
    "columns in training": lambda folder, text: ["train", *columns(folder, text)],
    "a target": lambda folder, text: ["train", *columns(folder, "x"), "--target", text],
    "features": lambda folder, text: ["train", *columns(folder, "x"), "--features", f"x,{text}"],
    "a cell": cell,
    "a table's file name": lambda folder, text: ["train", "--data", there(folder, text)],
    "a key of the configuration": lambda folder, text: configured(folder, f"{toml(text)} = 1"),
    "what the doctor says of it": lambda folder, text: configured(
        folder, f"{toml(text)} = 1", "doctor"
    ),
    "a value there": lambda folder, text: configured(folder, f"theme = {toml(text)}"),
    "a key to press": lambda folder, text: configured(folder, f"[keymap]\nquit = {toml(text)}"),
    "what configuration holds": lambda folder, text: configured(
        folder, f"[training]\ndevice = {toml(text)}", "config", "--show"
    ),
    "a command": lambda folder, text: [text],
    "an option": lambda folder, text: ["train", f"--{text}"],
    "a word": lambda folder, text: ["chart", text],
    "a device": lambda folder, text: ["train", "--device", text],
    "a number": lambda folder, text: ["train", "--lr", text],
    "a theme": lambda folder, text: ["--theme", text],
    "a lesson": lambda folder, text: ["graph", text],
    "a shell": lambda folder, text: ["completion", text],
}


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("place", PLACES)
def test_what_is_printed_is_plain(ask: Ask, tmp_path: Path, place: str) -> None:
    wrong = []
    for kind, payload in PAYLOADS.items():
        answer = ask(*PLACES[place](tmp_path, payload))
        lines = (answer.out + answer.err).splitlines()
        if not lines or any(map(unsafe, lines)):
            wrong.append((kind, lines))
    assert not wrong


def test_a_scripts_names_and_words_are_plain(
    run_command: RunCommand, tmp_path: Path, record_forked: RecordForked
) -> None:
    answer = run_command(graph.run, *script(tmp_path), isolated=record_forked)
    assert not any(map(unsafe, (answer.out + answer.err).split("\n")))
    assert [kind for kind, name in PAYLOADS.items() if not shows(answer.out, name)] == []
    assert shows(answer.err, PAYLOADS["title"])


def test_a_graph_and_a_pass_that_stopped_are_plain() -> None:
    for payload in PAYLOADS.values():
        for line in lines(
            ChosenGraph(recording(payload).backwards[0], 0, 2, 1.0, {payload: payload}), 200, ASCII
        ):
            assert not unsafe(line)


def test_json_is_plain_and_holds_what_was_there(run_command: RunCommand, tmp_path: Path) -> None:
    answer = run_command(graph.run, *script(tmp_path), "--json", isolated=in_process)
    assert not unsafe(answer.out.strip())
    names = {node["name"] for node in json.loads(answer.out)["nodes"]}
    assert names >= set(json.loads(json.dumps(list(PAYLOADS.values()))))


@pytest.mark.parametrize("kind", ["closing markup", "markup link", "rich markup"])
def test_markup_is_text(ask: Ask, tmp_path: Path, kind: str) -> None:
    for place in ("columns in a chart", "a cell", "a command"):
        answer = ask(*PLACES[place](tmp_path, PAYLOADS[kind][:24]))
        assert shows(answer.out + answer.err, PAYLOADS[kind][:24])


@pytest.mark.parametrize("variable", ["TERM", "LC_ALL", "XDG_CONFIG_HOME", "XDG_STATE_HOME"])
def test_what_the_environment_says_is_plain(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for payload in PAYLOADS.values():
        folder = "/nowhere/" if variable.startswith("XDG") else ""
        monkeypatch.setenv(variable, folder + payload[:200])
        for command in (
            ["doctor"],
            ["doctor", "--json"],
            ["config", "--path"],
            ["config", "--check"],
        ):
            answer = ask(*command)
            assert not any(map(unsafe, (answer.out + answer.err).splitlines()))
