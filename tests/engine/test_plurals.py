"""Counts with their nouns."""

from __future__ import annotations

import pytest

from engine.plurals import counted


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 passes"), (1, "1 pass"), (2, "2 passes"), (5_000, "5,000 passes")],
)
def test_only_one_is_singular(count: int, text: str) -> None:
    assert counted(count, "pass", "passes") == text


def test_an_s_makes_the_plural() -> None:
    assert counted(2, "row") == "2 rows"
