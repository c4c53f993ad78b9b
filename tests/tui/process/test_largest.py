"""A size that no terminal has takes no longer to draw on than one that a terminal may have."""

from __future__ import annotations

import pytest
from textual.app import App

from tui.process.driver import DRAWN, GuardedDriver


@pytest.mark.parametrize(("said", "drawn"), [((65_535, 65_535), DRAWN), ((200, 50), (200, 50))])
async def test_no_more_is_drawn_on_than_a_terminal_can_have(
    monkeypatch: pytest.MonkeyPatch, said: tuple[int, int], drawn: tuple[int, int]
) -> None:
    monkeypatch.setenv("COLUMNS", str(said[0]))
    monkeypatch.setenv("LINES", str(said[1]))
    assert GuardedDriver(App())._get_terminal_size() == drawn
