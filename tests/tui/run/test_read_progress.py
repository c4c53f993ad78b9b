from __future__ import annotations

from engine.data.source import Table
from tui.run.read_progress import Teller, found


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
