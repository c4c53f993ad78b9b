from __future__ import annotations

import random

from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from tui.kit.changed_cells import ChangedCells

SIZE = (60, 20)


class Asked(VerticalScroll):
    """Notes which of its lines are asked for."""

    lines: list[range]

    def render_lines(self, crop: Region) -> list[Strip]:
        self.lines.append(range(crop.y, crop.bottom))
        return super().render_lines(crop)


class Overlapping(App[None]):
    """Widgets beside, below, behind and scrolled out of each other."""

    CSS = """
    Screen { layers: below above; }
    #aside { layer: above; offset: 3 2; width: 20; height: 4; border: round red; }
    #left { width: 1fr; }
    #right { width: 30; height: 9; }
    #right Static { height: 3; margin: 1; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("left\n" * 30, id="left")
            with Asked(id="right") as right:
                for number in range(9):
                    yield Static(f"{number} 漢字 " * 9)
        right.lines = []
        yield Static("above", id="aside")

    def drawn(self, kind: type[Compositor], changed: set[Region]) -> ChopsUpdate:
        """What such a compositor draws of the screen where it has changed."""
        compositor = kind()
        compositor.__dict__ |= vars(self.screen._compositor)
        compositor._dirty_regions = set(changed)
        update = compositor.render_partial_update()
        assert update is not None
        return update


def written(update: ChopsUpdate) -> dict[tuple[int, int], Strip | None]:
    """The parts of an update that reach the terminal, by line and column."""
    return {
        (y, x): strip
        for y, first, last in update.spans
        for (x, strip), end in zip(update.chops[y].items(), update.chop_ends[y], strict=True)
        if x < last and end > first
    }


async def test_the_cells_that_have_changed_are_drawn_as_textual_draws_them() -> None:
    chance = random.Random(1)
    app = Overlapping()
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(20):
            app.query_one("#right").scroll_to(y=chance.randrange(20), animate=False)
            await pilot.pause()
            corners = [(chance.randrange(60), chance.randrange(20)) for _ in range(3)]
            changed = {
                Region(x, y, chance.randint(1, 60 - x), chance.randint(1, 20 - y))
                for x, y in corners
            }
            ours, textuals = app.drawn(ChangedCells, changed), app.drawn(Compositor, changed)
            assert ours.spans == textuals.spans
            assert written(ours) == written(textuals)
            assert None not in written(ours).values()


async def test_only_what_is_seen_of_a_change_is_asked_for_its_lines() -> None:
    app = Overlapping()
    async with app.run_test(size=SIZE):
        right = app.query_one(Asked)
        right.lines.clear()
        app.drawn(ChangedCells, {Region(0, 0, 1, 1), Region(59, 19, 1, 1)})
        assert not right.lines  # beside it, and below it
        x, y = right.region.offset  # its own: what is in it begins a cell further
        app.drawn(ChangedCells, {Region(x, y, 9, 1), Region(x, y + 2, 1, 1)})
        assert right.lines == [range(3)]


async def test_nothing_is_drawn_where_nothing_has_changed() -> None:
    assert ChangedCells().render_partial_update() is None
