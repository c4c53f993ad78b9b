"""The keys at the foot of the screen: those that work, as many as fit."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Open
from tui.app.key_bar import Key, KeyBar, fitting

KEYS = tuple(
    Key(name, name, word, True)
    for name, word in zip("abcde", ["four", "five", "six", "help", "quit"], strict=True)
)


@pytest.mark.parametrize(
    ("width", "names"),
    [(80, "abcde"), (33, "abcde"), (32, "abde"), (20, "ade"), (14, "de"), (1, "de")],
)
def test_what_does_not_fit_is_left_out_before_the_last_two(width: int, names: str) -> None:
    assert "".join(key.name for key in fitting(KEYS, width)) == names


async def test_a_tab_shows_its_own_keys_once_each(open_app: Open) -> None:
    async with open_app(size=(80, 24)) as screen:
        bar = screen.app.query_one(KeyBar)
        assert "s Node" in bar.render().plain
        await screen.press("n", "n", "n", "n", "slash")
        await screen.until(lambda: bar.render().plain == "esc Leave the search ")
        await screen.press("escape", "2")
        words = bar.render().plain
        assert "s Line" in words
        assert words.endswith("? Help q Quit ")
        assert words.count("N Back") == 1


async def test_a_click_is_as_good_as_the_key(open_app: Open) -> None:
    async with open_app(size=(80, 24)) as screen:
        bar = screen.app.query_one(KeyBar)
        await screen.press("2")

        def done() -> int:
            return screen.run.state.iteration

        await screen.pilot.click(KeyBar, offset=(bar.render().plain.index("Next"), 0))
        await screen.until(lambda: done() == 1)
        await screen.pilot.click(KeyBar, offset=(79, 0))
        assert done() == 1
