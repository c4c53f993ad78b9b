"""`graph` on a recording in a file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from engine.recording.file.frames import VERSION, head
from engine.recording.records import Ending, ScriptError
from tests.tui.cli.conftest import Ask
from tests.tui.cli.runs import write

PASS = "\npass 8 of 10 · i 8 · loss 0.8\n"
ERROR = ScriptError(
    "RuntimeError",
    "grad can be implicitly created only for scalar outputs",
    2,
    file=1,
    way=("main.py:2  loss = net(w)", "net.py:2  return torch.tanh(w) * gain"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a run"


def test_the_last_pass_with_lines_is_shown_with_its_place_in_the_run(ask: Ask, path: Path) -> None:
    answer = ask("graph", str(write(path)))
    heading, title, _, product, *_ = answer.out.splitlines()

    assert (answer.code, answer.err) == (0, "")
    assert title == "pass 8 of 10 · i 8 · loss 0.8"
    assert heading == "graph of loss: 2 nodes, 1 edge, in backward order"
    assert "  net.py:2  loss = torch.tanh(w) * gain  " in product


def test_a_recording_needs_no_torch(ask: Ask, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "engine.script.recorder", raising=False)

    assert ask("graph", str(write(path))).code == 0


def test_a_pass_by_its_number(ask: Ask, path: Path) -> None:
    write(path)

    document = json.loads(ask("graph", str(path), "--pass", "2", "--json").out)

    assert (document["pass"], document["passes"], document["loss"]) == (2, 10, 0.2)
    assert document["variables"] == {"i": "2"}
    assert document["nodes"][0]["file"] == "net.py"
    assert document["nodes"][0]["callers"] == ["main.py:2  loss = net(w)"]
    assert document["nodes"][0]["value"] == 0.2


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        ("5", "pass 5 was not recorded line by line (the nearest are 4 and 8); --when pass=5 "),
        ("9", "pass 9 was not recorded line by line (8 is); --when pass=9 records it"),
        ("10", "there is no pass 10: they go from 0 to 9"),
    ],
)
def test_a_pass_that_cannot_be_shown(ask: Ask, path: Path, number: str, complaint: str) -> None:
    answer = ask("graph", str(write(path)), "--pass", number)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"linreg-tui: {complaint}")
    assert answer.err.count("\n") == 1


def test_a_tensor_of_a_pass(ask: Ask, path: Path) -> None:
    write(path)

    found = ask("graph", str(path), "--pass", "1", "--tensor", "loss")
    missing = ask("graph", str(path), "--tensor", "nobody")

    assert "\npass 1 of 10 · i 1 · loss 0.1\n" in found.out
    assert (missing.code, missing.out) == (2, "")
    assert missing.err.endswith("makes no graph of a tensor nobody\n")


def test_an_error_is_said_with_the_way_there_and_what_to_do(ask: Ask, path: Path) -> None:
    write(path, ending="error", error=ERROR, failed=str(ERROR), printed="hello\n")

    answer = ask("graph", str(path))

    assert answer.code == 1
    assert "\npass 8 of 10 failed · i 8 · loss 0.8\n" in answer.out
    assert answer.out.endswith(f"the pass stopped: {ERROR}\n")
    *printed, advice, outer, inner, located = answer.err.splitlines()
    assert printed == ["script: hello"] * 5
    assert "Reduce it, `z.mean().backward()`" in advice
    assert outer == "linreg-tui:   main.py:2  loss = net(w)"
    assert inner == "linreg-tui:   net.py:2  return torch.tanh(w) * gain"
    assert located == f"linreg-tui: net.py:2: {ERROR}"


def test_an_error_as_json(ask: Ask, path: Path) -> None:
    write(path, ending="error", error=ERROR, failed=str(ERROR), printed="hello\n", notes=("odd",))

    answer = ask("graph", str(path), "--json")
    document = json.loads(answer.out)

    assert answer.code == 1
    error = document["error"]
    assert (error["type"], error["message"]) == ("RuntimeError", ERROR.message)
    assert (error["file"], error["line"], error["way"]) == ("net.py", 2, list(ERROR.way))
    assert "Reduce it" in error["advice"]
    assert document["advice"] == [error["advice"]]
    assert document["failed"] == str(ERROR)
    assert (document["ending"], document["notes"]) == ("error", ["odd"])
    assert document["output"] == "hello\n" * 4 + "hello"
    assert "script:" not in answer.err


def test_an_error_before_any_pass_is_json_too(ask: Ask, path: Path) -> None:
    write(path, passes=0, deep=(), ending="error", error=ERROR)

    answer = ask("graph", str(path))

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"linreg-tui: net.py:2: {ERROR}\n"


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("end", 0, ""),
        ("exit", 0, ""),
        ("bound", 1, "was stopped after 10 passes, as --limit asks"),
        ("time", 1, "was stopped after 10 passes, as --time asks"),
        ("cancelled", 130, "was interrupted after 10 passes"),
        (None, 1, "breaks off after 10 passes: the script was killed, or the file is cut"),
    ],
)
def test_how_it_ended(ask: Ask, path: Path, ending: Ending | None, code: int, said: str) -> None:
    answer = ask("graph", str(write(path, ending=ending, pid=2**22 + 1)))

    assert answer.code == code
    assert PASS in answer.out
    assert answer.err == (f"linreg-tui: {path} {said}\n" if said else "")


def test_a_recording_that_is_still_written(ask: Ask, path: Path) -> None:
    answer = ask("graph", str(write(path, ending=None, pid=os.getpid())))

    assert answer.code == 0
    assert PASS in answer.out
    assert answer.err.endswith("is still being written: this is how it was after 10 passes\n")


def test_much_output_is_shown_from_both_ends(ask: Ask, path: Path) -> None:
    lines = "".join(f"{one}\n" for one in range(40))
    write(path, deep=(0,), printed=f"{lines}{'x' * 999}\n 0%\r50%\r100%\n")

    printed = ask("graph", str(path)).err.splitlines()

    assert printed[:2] == ["script: 0", "script: 1"]
    assert printed[10] == "script: … 22 lines …"
    assert len(printed[-2]) == len("script: ") + 300
    assert printed[-1] == "script: 100%"


def test_a_changed_byte_is_one_line_and_the_rest_is_shown(ask: Ask, path: Path) -> None:
    whole = write(path, pid=2**22 + 1).read_bytes()
    for at in range(16, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        answer = ask("graph", str(path))

        assert answer.code in (0, 1, 2)
        assert "Traceback" not in answer.err
        assert len(answer.err.splitlines()) in (1, 2)
        assert "is damaged in" in answer.err or answer.code


def test_a_cut_file_is_shown_as_far_as_it_is_whole(ask: Ask, path: Path) -> None:
    whole = write(path, pid=2**22 + 1).read_bytes()
    for size in range(300, len(whole), 101):
        path.write_bytes(whole[:size])
        answer = ask("graph", str(path))

        assert answer.code == 1
        assert len(answer.err.splitlines()) == 1
        assert "breaks off" in answer.err


def test_a_damaged_head_is_no_reason_not_to_know_a_recording(ask: Ask, path: Path) -> None:
    path.write_bytes(b"\0" * 16 + write(path).read_bytes()[16:])

    answer = ask("graph", str(path))

    assert PASS in answer.out
    assert answer.err.endswith("is damaged in 1 place; what is whole is shown\n")


def test_a_newer_format_is_one_line(ask: Ask, path: Path) -> None:
    path.write_bytes(head(VERSION + 1) + write(path).read_bytes()[16:])

    answer = ask("graph", str(path))

    assert (answer.code, answer.out) == (2, "")
    assert "was recorded by a newer linreg-tui" in answer.err
    assert answer.err.count("\n") == 1


def test_a_long_recording_is_not_read_from_its_beginning(ask: Ask, path: Path) -> None:
    write(path, passes=100_000, deep=range(0, 6_000, 3), printed="x\n")

    answer = ask("graph", str(path))

    assert "\npass 5,997 of 100,000 · i 5997 · loss 599.7\n" in answer.out
    assert answer.err.splitlines()[10].startswith("script: … ")
