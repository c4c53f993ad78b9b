from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.kit.heading import Heading


class One(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"faint": "#777777"}

    def compose(self) -> ComposeResult:
        yield Heading("数据", id="heading")


@pytest.mark.parametrize("width", [8, 20])
async def test_a_heading_fills_its_row_whatever_its_title_is_written_in(width: int) -> None:
    app = One()
    async with app.run_test(size=(width, 3)) as pilot:
        heading = app.query_one(Heading)
        for aside in ("", "据"):
            heading.show("数据", aside)
            await pilot.pause()
            plain = heading.render().plain
            assert plain.startswith("─ 数据 ─")
            assert cell_len(plain) == width
            assert ("据 ─" in plain[5:]) == (bool(aside) and width == 20)
