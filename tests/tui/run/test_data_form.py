from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.source import ProblemError, Table
from engine.data.table_wish import TableWish
from engine.training.problem import Problem
from tui.run.data_form import (
    DATA_FIELDS,
    DataChoice,
    chosen,
    column_names,
    typed,
    with_lines,
)

TABLE = Table("/d/p.csv", "y", ("a, b", "c"), 9, "f", missing="drop", means=(0, 0), scales=(1, 1))


def texts(problem: Problem = Problem(), **other: str) -> dict[str, str]:  # noqa: B008 - frozen
    return {field.name: field.read(problem) for field in DATA_FIELDS} | other


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        (" a , b,", ("a", "b")),
        ('"a, b", c', ("a, b", "c")),
        ('"say ""x""", y', ('say "x"', "y")),
        ("a\nb", ("a b",)),
        ('"', ()),
        ("x" * 200_000, ("x" * 200_000,)),
    ],
)
def test_columns_are_named_between_commas(text: str, names: tuple[str, ...]) -> None:
    assert column_names(text) == names
    assert column_names(typed(names)) == names


def test_what_is_chosen_is_read_from_the_lines() -> None:
    assert chosen(texts(path="~/x.csv")) == DataChoice(Path.home() / "x.csv")
    last = chosen(texts(Problem(TABLE)))
    assert last == DataChoice(
        Path("/d/p.csv"), TableWish("y", ("a, b", "c"), standardise=True, missing="drop")
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("path", " ", "file: a file's name is needed"),
        (
            "missing",
            "keep",
            "missing numbers: refuse, or drop their rows, not 'keep' "
            "(on the command line --drop-missing)",
        ),
        ("standardise", "", "standardise: on or off, not '' (on the command line --standardise)"),
    ],
)
def test_a_bad_line_is_named(name: str, text: str, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        chosen(texts(Problem(TABLE), **{name: text}))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--drop-missing leaves such rows out", " (here: missing numbers: drop)"),
        ("--missing k.A. if nothing is known there", " (here: missing values)"),
        ("not a number where decimals have ,; --decimal .?", " (here: decimal mark)"),
        ("--skip-rows 60 --target y", " (here: target, lines to skip)"),
        ("curl -L http://a | linreg-tui train --data -", ""),
    ],
)
def test_options_in_a_message_are_named_as_lines_of_the_form(words: str, line: str) -> None:
    assert with_lines(words) == words + line
