"""What a script prints, and what it is warned of, is kept with the line that did it."""

from __future__ import annotations

from pathlib import Path

from engine.script.unseen.captured_output import OUTPUT_LIMIT
from tests.engine.script.scripts import recorded
from tests.forks.forks import RecordForked


def test_output_belongs_to_the_line_that_printed_it() -> None:
    recording = recorded(
        """
        import sys
        print("out", "ö")
        print("err", file=sys.stderr)
        sys.stdout.buffer.write(b"bytes")
        """
    )
    outputs = [moment.output for moment in recording.moments[2:]]
    assert outputs == ["out ö\n", "err\n", "bytes"]
    assert recording.output == "out ö\nerr\nbytes"


def test_megabytes_of_output_are_cut() -> None:
    recording = recorded("for i in range(5):\n    print('x' * 500_000)\n")
    assert len(recording.output) == OUTPUT_LIMIT


def test_a_warning_is_printed_once_a_line_with_the_line_of_the_script() -> None:
    recording = recorded(
        """
        x = torch.ones(1, requires_grad=True)
        y = x * 2
        for _ in range(3):
            y.grad
        """
    )
    (text,) = [moment.output for moment in recording.moments if moment.output]
    assert text.startswith("script:5: UserWarning: The .grad attribute of a Tensor that is not")


FORKS = """\
import os, sys
print("before")
for i in range(2):
    if not os.fork():
        print("child", i)
        if not os.fork():
            print("its child", file=sys.stderr)
            os._exit(0)
        os.wait()
        os._exit(0)
    os.wait()
print("after")
"""


def test_what_forked_processes_print_comes_after_what_the_script_itself_does(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(FORKS)
    output = record_forked(tmp_path / "script.py").output
    assert output == "before\nafter\nchild 0\nits child\nchild 1\nits child\n"
