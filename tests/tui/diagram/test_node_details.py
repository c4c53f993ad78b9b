from __future__ import annotations

from rich.cells import cell_len

from tui.diagram.node_gradients import wrapped


def test_lines_are_measured_in_cells_of_the_terminal() -> None:
    lines = wrapped("数据 数据 数据 数据", 10)
    assert lines == ["数据 数据", "数据 数据"]
    assert max(map(cell_len, lines)) <= 10


def test_a_word_wider_than_a_line_is_broken() -> None:
    assert wrapped("a 数据数据 b", 6) == ["a", "数据数", "据 b"]
    assert wrapped("", 6) == []
