"""`train --gram`: iterations by formula, from sums of the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.cli.conftest import Ask


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]


@pytest.mark.parametrize("more", ["", "--momentum 0.9", "--no-zeroing --lr 0.001", "--points 7"])
def test_rows_are_those_of_the_loop_in_float64(ask: Ask, more: str) -> None:
    options = ("train", "--json", "--steps", "301", "--dtype", "float64", *more.split())
    expected, found = objects(ask(*options).out), objects(ask(*options, "--gram").out)
    assert [row.get("iteration") for row in found] == [0, 200, None]
    for one, other in zip(found, expected, strict=True):
        assert (one["w"], one["b"]) == pytest.approx((other["w"], other["b"]), abs=1e-12)
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-9)
    last = found[-1]
    assert (last["done"], last["iterations"], last["by"]) == (True, 301, "formula")
    assert (last["dtype"], last["compared"]) == ("float64", 301)
    assert 0 <= last["difference"] <= 1e-12


def test_the_end_says_what_it_was_computed_from_and_how_far_the_loop_is(ask: Ask) -> None:
    *_, last, _, near, by, apart = ask("train", "--gram").out.splitlines()
    assert last.startswith("done after 5,000 iterations, ")
    assert near == "within 1% of the optimum"
    assert by.startswith("float64, by formula from the sums of 50 points, read in ")
    assert apart.startswith("w and b differ from the plain loop in float64 (5,000 iterations) by")


def test_more_points_than_are_kept_are_not_compared(ask: Ask) -> None:
    (row, last) = objects(
        ask("train", "--gram", "--json", "--points", "270000", "--steps", "9").out
    )
    assert (last["points"], last["difference"], last["compared"]) == (270_000, None, 0)
    assert row["iteration"] == 0


def test_a_file_standardised_and_with_rows_dropped(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("height,age,weight\n1,10,3\n2,20,\n4,5,9\n5,20,9\n6,30,8\n")
    options = ("train", "--data", str(path), "--drop-missing", "--standardise", "--json")
    expected, found = ask(*options, "--dtype", "float64"), ask(*options, "--gram")
    assert found.err == expected.err != ""
    one, other = objects(found.out)[-1], objects(expected.out)[-1]
    assert one["w"] == pytest.approx(other["w"], abs=1e-6)  # the start was drawn in float32
    assert one["b"] == pytest.approx(other["b"], abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--lr 5", 1, "diverging at iteration 0: learning rate 5 is above the largest stable, "),
        ("--noise 1e300", 1, "stopped at iteration 0: the data are not finite or too large"),
        ("--lr -1", 2, "--lr must be above 0, not -1"),
        ("--data /nowhere.csv", 2, "cannot read nowhere.csv: No such file or directory"),
        ("--target y", 2, "--target needs --data FILE.csv"),
        ("--device cuda", 2, "--gram sums on the CPU, not on cuda"),
        ("--cuda-graph", 2, "--cuda-graph is for one process that has all data in memory"),
    ],
)
def test_what_is_wrong_is_said_as_ever(ask: Ask, arguments: str, code: int, said: str) -> None:
    answer = ask("train", "--gram", "--json", *arguments.split())
    assert answer.code == code
    assert answer.err.startswith(f"linreg-tui: {said}")
    assert answer.err.count("\n") == 1
