"""Hostile text in every place of the screen where text from outside can come to.

The last look at what is drawn would catch all of it; so it is put aside here, and what is tested
is that there is nothing left for it to catch, and that every text is shown, visibly.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.screen import Screen as Screen_

from tests.hostile import shows, unsafe
from tests.tui.conftest import Screen

ROOMY = (150, 44)
"""A size in which no part of the screen is left out."""
TURNS = 100
"""So often what is to be shown is waited for."""


class Looked(LineFilter):
    """What came to the last look, which lets all of it through."""

    def __init__(self) -> None:
        super().__init__()
        self.unsafe: list[str] = []

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        self.unsafe.extend(segment.text for segment in segments if unsafe(segment.text))
        return segments


@pytest.fixture(autouse=True)
def painted_always(every_frame: None) -> None:
    """See every frame."""


@pytest.fixture
def looked() -> Looked:
    """What takes the place of the last look."""
    return Looked()


class Tour:
    """Goes over places with one payload after the other, and notes where one is not well shown."""

    def __init__(self, screen: Screen, looked: Looked) -> None:
        self.screen, self._looked = screen, looked
        self.wrong: list[tuple[str, str, object]] = []

    async def see(self, kind: str, payload: str, *places: str) -> None:
        """Wait for the screen; every widget in `places` must show the payload."""
        for _ in range(TURNS):
            await self.screen.pilot.pause(0.005)
            shown = painted(self.screen.app.screen, places)
            missing = [place for place, text in shown.items() if not shows(text, payload)]
            if not missing:
                break
        self.wrong += [(kind, place, shown[place][:300]) for place in missing]
        if self._looked.unsafe:
            self.wrong.append((kind, "raw", self._looked.unsafe[:3]))
            self._looked.unsafe.clear()


def painted(screen: Screen_[object], selectors: Iterable[str]) -> dict[str, str]:
    """What stands on the screen where some widgets are, by selector."""
    strips = screen._compositor.render_strips()
    return {
        selector: "\n".join(
            strip.crop(widget.region.x, widget.region.right).text
            for widget in screen.query(selector)
            for strip in strips[widget.region.y : widget.region.bottom]
        )
        for selector in selectors
    }


def typed(text: str) -> list[str]:
    """Where what was typed is shown: Textual leaves a bell and the like out of an input."""
    return [] if set("\a\b\v\f\r").intersection(text) else ["Input:focus"]
