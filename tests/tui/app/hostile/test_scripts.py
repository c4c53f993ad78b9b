"""Hostile text in a real script, and in the name of its file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.training.problem import Problem
from tests.hostile import PAYLOADS
from tests.tui.app.hostile.conftest import Looked
from tests.tui.conftest import Open
from tui.script.source_view import SourceView
from tui.script.subject import Script

HEAD = "import torch\nx = torch.ones(2, requires_grad=True)\nscope = globals()\n"
ONE_OF = """\
hostile = {payload!r}  # raw: {raw}
print(hostile)
scope[hostile] = x * 3
out = scope[hostile].sum()
out.backward()
"""
TAIL = "raise ValueError(hostile)\n"


def script(folder: Path, payloads: Iterable[str], name: str = "script") -> Script:
    """A file whose text, output, variables, error and perhaps name are hostile."""
    text = HEAD
    for payload in payloads:
        raw = "".join(character for character in payload if len(f"{character}x".splitlines()) == 1)
        text += ONE_OF.format(payload=payload, raw=raw)
    path = folder / f"{name}.py"
    path.write_bytes((text + TAIL).encode("utf-8", "replace"))
    return Script(path)


async def test_a_script(open_app: Open, tmp_path: Path, looked: Looked) -> None:
    async with open_app(
        Problem(), subject=script(tmp_path, PAYLOADS.values()), glyph_filter=looked
    ) as screen:
        shown = screen.app.query_one("#source", SourceView)
        await screen.until(lambda: "hostile" in shown.source)
        await screen.press("c", "l", "escape", "v", "question_mark", "escape")
        await screen.press("N", "up", "S", "left", "N", "N", "N", "N")
    assert not looked.unsafe


async def test_a_file_name(open_app: Open, tmp_path: Path, looked: Looked) -> None:
    name = "".join(
        PAYLOADS[kind] for kind in ("clear screen", "from right to left", "bell and tabs")
    )
    subject = script(tmp_path, ["harmless"], name + PAYLOADS["closing markup"].replace("/", "∕"))
    async with open_app(Problem(), subject=subject, glyph_filter=looked) as screen:
        await screen.press("c", "l", "escape", "N")
    assert not looked.unsafe
