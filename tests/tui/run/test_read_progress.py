from __future__ import annotations

from dataclasses import replace

from engine.data.source import Table
from tui.run.read_progress import Teller, found, notice


def test_how_far_reading_is_comes_in_one_line_now_and_then() -> None:
    lines: list[str] = []
    now = 0.0
    tell = Teller("measurements-of-2025.csv", lines.append, lambda: now)
    for now, done in ((0.05, 1), (1.0, 25), (1.05, 26), (2.0, 50), (3.0, 300)):  # noqa: B007
        tell(done, 100)
    tell = Teller("pipe", lines.append, lambda: now)
    now = 63.0
    tell(123_456_789, None)
    assert [line.removesuffix(" · escape stops it") for line in lines] == [
        "reading measurements-of-…: 25%, 3 s left",
        "reading measurements-of-…: 50%, 2 s left",
        "reading measurements-of-…: 100%, 0 s left",
        "reading pipe: 123.5 MB, 60 s",
    ]


def test_what_was_found_names_only_what_there_is_to_say() -> None:
    table = Table("/d/p.csv", "y", ("x",), 1234, "f")
    assert found(table) == ("1,234 rows: y from x",)


def test_a_notice_says_how_much_more_there_is_to_tell() -> None:
    notes = ("decimals have a comma", "n" * 200, "units: x (kg)")
    table = Table("/d/p.csv", "y", ("x",), 4, "f", notes=notes)
    few = "4 rows: y from x; decimals have a comma"
    assert notice(table) == f"{few}; and 2 more: ctrl+p, Open data"
    assert notice(replace(table, notes=notes[:1])) == few
    assert len(notice(replace(table, features=("x" * 99,) * 9))) < 250


def test_a_notice_keeps_to_two_rows_beside_the_tabs_of_a_small_terminal() -> None:
    notes = ("id only numbers the rows", "decimals have a comma", "2 lines of comment left out")
    table = Table("/d/p.csv", "price", ("area", "rooms"), 4, "f", dropped=1, ignored=("id",))
    table = replace(table, notes=notes)
    assert notice(table) == (
        "4 rows: price from area, rooms; 1 of 5 rows dropped; and 4 more: ctrl+p, Open data"
    )
    long = replace(table, features=tuple(f"feature {i}" for i in range(60)))
    assert notice(long).startswith("4 rows: price from 60 columns; 1 of 5 rows dropped; and 4 more")
    assert all(len(notice(one)) <= 88 for one in (table, long, replace(long, notes=(), dropped=0)))
