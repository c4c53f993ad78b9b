"""Numbers beyond float32, and losses beyond all measure: told for what they are, never done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Ask

LARGE = "x,y\n1,1e30\n2,2e30\n3,5e30\n"
WIDE = "x,y\n1e25,1\n2e25,2\n3e25,5\n"
SMALL = "x,y\n1e-18,1\n2e-18,2\n3e-18,5\n"


@pytest.mark.parametrize(
    ("text", "ways"),
    [(LARGE, "--dtype float64"), (WIDE, "--standardise (1 iteration at the best rate), or --lr ")],
    ids=["a target", "a feature"],
)
def test_what_is_too_large_for_float32_is_told_what_helps(
    ask: Ask, tmp_path: Path, text: str, ways: str
) -> None:
    table = tmp_path / "large.csv"
    table.write_text(text)
    answer = ask("train", "--data", str(table), "--steps", "9")
    assert answer.code == 1
    assert f"; what converges: {ways}" in answer.err
    assert answer.err.endswith("--dtype float64\n")


def test_of_a_column_that_rounding_hides_no_r_squared_is_told(ask: Ask, tmp_path: Path) -> None:
    table = tmp_path / "small.csv"
    table.write_text(SMALL)
    run = ("train", "--data", str(table), "--steps", "900")
    hidden = ask(*run)
    assert hidden.err.endswith("singular: no single optimum; --standardise finds one\n")
    assert "R²" not in hidden.out
    assert "R² 0.923" in ask(*run, "--standardise").out
    assert ask(*run, "--gram").err.endswith("; --standardise finds one\n")


def test_no_method_is_done_where_its_loss_has_grown_beyond_all_measure(ask: Ask) -> None:
    answer = ask("train", "--method", "adam", "--lr", "1e9", "--steps", "9", "--json")
    last = json.loads(answer.out.splitlines()[-1])
    assert (answer.code, last["done"]) == (1, False)
    assert "diverging at iteration 8: the loss is 2e+17" in answer.err


def test_a_learning_rate_beyond_float32_is_refused(ask: Ask) -> None:
    answer = ask("train", "--lr", "1e39", "--steps", "9")
    assert answer.code == 2
    assert answer.err == "linreg-tui: --lr 1e+39 is too large for float32, not for float64\n"
    assert ask("train", "--lr", "1e39", "--dtype", "float64", "--steps", "9").code == 1
