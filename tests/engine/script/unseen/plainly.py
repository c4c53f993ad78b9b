"""Scripts that are to do the same where they are recorded."""

from __future__ import annotations

import contextlib
import io
from textwrap import dedent

import torch

from tests.engine.script.scripts import recorded


def prints_the_same(source: str) -> None:
    """What a script prints must be the same without us."""
    recording = recorded(source)
    assert recording.ending == "end", recording.error
    assert "".join(moment.output for moment in recording.moments) == plainly(source)


def plainly(source: str) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), torch.random.fork_rng(devices=[]):
        exec(
            compile("import torch\n" + dedent(source).lstrip("\n"), "plain", "exec"),
            {"__name__": "__main__"},
        )
    return output.getvalue()
