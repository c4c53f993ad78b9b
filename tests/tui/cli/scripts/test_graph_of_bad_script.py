"""`graph` on a script that prints, fails, is stopped, harms its process or has no graph."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.recording.records import Ending
from engine.script.recorder import record
from tests.forks.forks import RecordForked
from tests.tui.cli.conftest import Ask, RunCommand, in_process, parsed
from tui.cli.exit_code import exit_code
from tui.cli.options.arguments import read
from tui.cli.scripts import graph


def test_what_a_script_prints_goes_to_stderr_with_advice(run: Ask) -> None:
    answer = run(
        "w = torch.ones(2, requires_grad=True)",
        "y = w * 2",
        "y.sum().backward()",
        "print(y.grad)",
    )

    assert answer.code == 0
    assert "script: None\n" in answer.err
    assert answer.err.startswith("script: ")
    assert "linreg-tui: .grad of a computed tensor was read. Backward keeps" in answer.err


def test_what_a_failing_script_recorded_is_printed(run: Ask) -> None:
    answer = run(
        "x = torch.ones(2, requires_grad=True)",
        "y = x.sum()",
        "y.backward()",
        r"raise ValueError('\x1b[2J\nno')",
    )

    assert answer.code == 1
    assert "x.grad: none, then [1, 1]" in answer.out
    *_, way, located = answer.err.splitlines()
    assert way == r"linreg-tui:   script.py:5  raise ValueError('\x1b[2J\nno')"
    assert located.endswith("script.py:5: ValueError: ␛[2J␊no")


def test_a_pass_that_stopped_is_shown_with_the_reason(run: Ask) -> None:
    script = (
        "y = (torch.ones(2, requires_grad=True) * 2).exp()",
        "z = y.sum()",
        "y.mul_(2)",
        "try:",
        "    z.backward()",
        "except RuntimeError: pass",
    )

    text, document = run(*script), parsed(run(*script, options=("--json",)))

    assert text.code == 0
    assert "the pass stopped: RuntimeError: one of the variables needed" in text.out
    assert document["failed"].startswith("RuntimeError: one of the variables needed")
    assert document["error"] is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("x = (1,\n", "script.py:1:5: SyntaxError: '(' was never closed"),
        ("print(1)", "makes no tensor, so there is no graph to show"),
        ("", "makes no tensor, so there is no graph to show"),
        ("import torch\nx = torch.ones(2)", "makes no tensor that requires grad, so"),
        ("\0", "is not Python source text"),
        ("# coding: nonsense", "is not Python source text"),
    ],
)
def test_a_file_without_a_graph_is_bad_input(
    run_command: RunCommand, tmp_path: Path, content: str, complaint: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(content)
    answer = run_command(graph.run, "graph", str(script), isolated=in_process)

    assert (answer.code, answer.out) == (2, "")
    assert complaint in answer.err
    assert answer.err.count("\n") == 1


def test_a_directory_is_bad_input(ask: Ask, tmp_path: Path) -> None:
    answer = ask("graph", str(tmp_path))

    assert (answer.code, answer.out) == (2, "")
    assert "is a folder in which no rank has recorded anything" in answer.err


GRAPH = "y = torch.ones(2, requires_grad=True) * 2"


def test_ctrl_c_keeps_the_graph_so_far(tmp_path: Path) -> None:
    script, started = tmp_path / "script.py", tmp_path / "started"
    script.write_text(
        f"import re, torch\n{GRAPH}\nz = 1\n"
        f"open({str(started)!r}, 'w'); re.match('(a+)+b', 'a' * 99)\n"
    )
    command = [sys.executable, "-m", "tui", "graph", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        while not started.exists() and program.poll() is None:
            threading.Event().wait(0.01)
        program.send_signal(signal.SIGINT)
        out, err = program.communicate()

    assert program.returncode == 130
    assert out.startswith(b"graph of y: 2 nodes")
    assert err.endswith(b"script.py was interrupted after 3 lines\n")


@pytest.mark.skipif(os.name != "posix", reason="kills process groups")
def test_what_a_script_does_to_its_process_harms_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], record_forked: RecordForked
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"import os, sys, threading, time, torch\n{GRAPH}\n"
        "print('x' * 5_000_000, sys.stdin.read())\n"
        "os.write(1, b'\\x1b[2J')\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "os._exit(3)\n"
    )
    options = read("graph", [str(script)])
    code = exit_code(lambda: graph.run(options, isolated=record_forked))
    out, err = capfd.readouterr()

    assert code == 1
    assert out.startswith("graph of y: 2 nodes")
    assert "\x1b" not in out
    assert "xxx" not in out
    assert "script: xxx" in err
    assert err.endswith("script.py:6: SystemExit: 3\n")


@pytest.mark.parametrize(
    ("ending", "complaint"),
    [
        ("bound", "was stopped after 2 lines, as --limit asks"),
        ("time", "was stopped after 2 lines, as --time asks"),
    ],
)
@pytest.mark.parametrize("line", [GRAPH, "print(1)"])
def test_a_script_that_never_ends_is_a_failure(
    run: Ask, line: str, ending: Ending, complaint: str
) -> None:
    answer = run(line, isolated=lambda path, **_: replace(record(path), ending=ending))

    assert answer.code == 1
    assert answer.out.startswith("graph of y: 2 nodes" if line == GRAPH else "")
    assert answer.err.endswith(f"script.py {complaint}\n")


@pytest.mark.parametrize(("call", "code"), [("sys.exit()", 0), ("sys.exit('no')", 1)])
def test_a_script_that_exits(run: Ask, call: str, code: int) -> None:
    answer = run(GRAPH, "import sys", call)

    assert answer.code == code
    assert answer.out.startswith("graph of y: 2 nodes")
    assert answer.err.endswith("script.py:4: SystemExit: no\n" if code else "")


def test_torch_is_as_it_was_after_a_script(run: Ask) -> None:
    run("torch.set_default_dtype(torch.float64)", "x = torch.ones(1, requires_grad=True)")

    assert torch.get_default_dtype() == torch.float32
