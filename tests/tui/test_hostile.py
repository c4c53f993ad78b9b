"""Hostile text in every place where text from outside can come in.

The last look at what is drawn would catch all of it; so what is tested is that nothing is left
for it to catch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

from engine.regression.problem import Problem
from tests.hostile import PAYLOADS, unsafe
from tests.tui.conftest import Open
from tui.charts.glyphs import Level
from tui.filters import LastLook
from tui.screens.prompt import PromptScreen
from tui.subject import Script
from tui.widgets.source_view import SourceView

HEAD = "import torch\nx = torch.ones(2, requires_grad=True)\nscope = globals()\n"
ONE = """\
hostile = {payload!r}  # raw: {raw}
print(hostile)
scope[hostile] = x * 3
out = scope[hostile].sum()
out.backward()
"""
TAIL = "raise ValueError(hostile)\n"


@pytest.fixture
def caught(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What reached the last look and should not have; empty at the end of every test."""
    texts: list[str] = []
    apply = LastLook.apply

    def looked(self: LastLook, segments: list[Segment], background: Color) -> list[Segment]:
        texts.extend(segment.text for segment in segments if unsafe(segment.text))
        return apply(self, segments, background)

    monkeypatch.setattr(LastLook, "apply", looked)
    yield texts
    assert texts == []


def script(folder: Path, payloads: Iterable[str], name: str = "script") -> Script:
    """A file whose text, output, variables, error and perhaps name are hostile."""
    text = HEAD
    for payload in payloads:
        raw = "".join(character for character in payload if len(f"{character}x".splitlines()) == 1)
        text += ONE.format(payload=payload, raw=raw)
    path = folder / f"{name}.py"
    path.write_bytes((text + TAIL).encode("utf-8", "replace"))
    return Script(path)


async def test_a_script(open_app: Open, tmp_path: Path, caught: list[str]) -> None:
    async with open_app(Problem(), subject=script(tmp_path, PAYLOADS.values())) as screen:
        shown = screen.app.query_one("#source", SourceView)
        await screen.until(lambda: "hostile" in shown.source)
        await screen.press("c", "l", "escape", "v", "question_mark", "escape")
        for _ in PAYLOADS:
            await screen.press("N", "up", "S", "left", "N", "N", "N", "N")


async def test_a_file_name(open_app: Open, tmp_path: Path, caught: list[str]) -> None:
    name = "".join(
        PAYLOADS[kind] for kind in ("clear screen", "from right to left", "bell and tabs")
    )
    subject = script(tmp_path, ["harmless"], name + PAYLOADS["closing markup"].replace("/", "∕"))
    async with open_app(Problem(), subject=subject) as screen:
        await screen.press("c", "l", "escape", "N")


async def test_toasts_and_prompts(open_app: Open, caught: list[str]) -> None:
    every = " ".join(payload[:40] for payload in PAYLOADS.values())
    async with open_app() as screen:
        for payload in PAYLOADS.values():
            screen.app.notify(payload, title=payload)
        screen.app.push_screen(PromptScreen(every, "hint", partial(refuse, every)))
        await screen.pilot.pause()
        await screen.pilot.press("enter", "escape")


def refuse(words: str, _: str) -> None:
    raise ValueError(words)


@pytest.mark.parametrize("kind", PAYLOADS)
def test_the_last_look_lets_nothing_through(kind: str) -> None:
    payload = PAYLOADS[kind]
    levels: tuple[Level, ...] = ("braille", "block", "ascii")
    for level in levels:
        (seen,) = LastLook(level).apply([Segment(payload)], Color(0, 0, 0))
        assert not unsafe(seen.text)
        assert level != "ascii" or seen.text.isascii()
