from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.kit.short_names import apart, shortened


def test_names_lose_what_they_have_in_common() -> None:
    assert apart(["model.0.weight", "model.2.weight"]) == ["0", "2"]
    assert apart(["model.0.weight", "model.2.bias"]) == ["0.weight", "2.bias"]
    assert apart(["w", "b"]) == ["w", "b"]
    assert apart(["model.weight"]) == ["weight"]


def test_a_long_name_loses_its_beginning() -> None:
    assert shortened(["net.encoder.weight", "w"], 10) == {
        "net.encoder.weight": "…er.weight",
        "w": "w",
    }


@pytest.mark.parametrize("width", [8, 10, 14])
def test_names_that_end_alike_are_told_apart_by_where_they_differ(width: int) -> None:
    names = [f"model.layers.{n}.linear2.weight" for n in range(3)]
    short = [shortened(names, width)[name] for name in names]
    assert [text[0] for text in short] == ["0", "1", "2"]
    assert all(text[1] == "…" and text.endswith("ght") for text in short)


@given(
    st.lists(st.from_regex(r"[a-z数]{1,8}(\.[a-z0-9]{1,9}){0,4}", fullmatch=True)),
    st.integers(4, 40),
)
def test_no_name_takes_more_room_than_there_is(names: list[str], width: int) -> None:
    short = shortened(names, width)
    assert short.keys() == set(names)
    assert all(cell_len(text) <= width for text in short.values())
