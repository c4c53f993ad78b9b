"""Which columns are learned from, and which one is learned."""

from __future__ import annotations

from typing import Any

import pytest

from engine.data.source import TableError
from engine.data.table_cache import columns, read_table
from engine.data.table_wish import TableWish
from engine.training.problem import Problem
from tests.engine.data.conftest import Write, rows


def test_the_last_column_of_numbers_is_learned_from_all_others(csv: Write) -> None:
    path = csv("name,x1,x2,y\nfirst,1,2,3\nsecond,4,5,6\n")
    table = read_table(path)
    assert (table.features, table.target, table.ignored) == (("x1", "x2"), "y", ("name",))
    assert (table.points, Problem(table).points, Problem(table).features) == (2, 2, 2)
    assert rows(table) == [(1, 2, 3), (4, 5, 6)]


def test_columns_are_chosen_by_name_in_the_order_asked_for(csv: Write) -> None:
    path = csv("a,b,c\n1,2,3\n4,5,6\n")
    table = read_table(path, TableWish(target="a", features=("c", "b")))
    assert rows(table) == [(3, 2, 1), (6, 5, 4)]
    assert read_table(path, TableWish(target="b")).features == ("a", "c")
    assert read_table(path, TableWish(features=("c",))).target == "b"


def test_a_name_in_capitals_is_guessed(csv: Write) -> None:
    with pytest.raises(TableError, match='no column "wt"; did you mean "WT"'):
        read_table(csv("WT,mpg\n1,2\n3,4\n"), TableWish("wt"))


def test_columns_can_be_looked_at_without_reading_the_file(csv: Write) -> None:
    path = csv("name,x1,x2,y\nfirst,1,2,3\n" + "second,4,5,6\n" * 100_000 + "third,7,8,oops\n")
    found = columns(path, TableWish())
    assert found.names == ("name", "x1", "x2", "y")
    assert (found.target, found.features) == ("y", ("x1", "x2"))
    assert columns(path, TableWish("x1", ("y",))).target == "x1"
    with pytest.raises(TableError, match='no column "x3"; it has name, x1, x2, y'):
        columns(path, TableWish(features=("x3",)))


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"target": "weigth"}, 'points.csv has no column "weigth"; did you mean "weight"?'),
        ({"features": ("z",)}, 'points.csv has no column "z"; it has name, height, weight'),
        ({"target": "height", "features": ("height",)}, "a column of points.csv can be used only "
         "once"),
        ({"target": "name"}, 'points.csv:2: column "name": "first" is not a number'),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_used(csv: Write, choice: dict[str, Any], message: str) -> None:
    path = csv("name,height,weight\nfirst,1,2\nsecond,3,4\n")
    with pytest.raises(TableError) as caught:
        read_table(path, TableWish(**choice))
    assert str(caught.value) == message
