"""How many examples Hypothesis tries."""

from __future__ import annotations

from hypothesis import settings

USUAL = 15
"""Where a test says nothing else, in the usual profile."""


def examples(number: int) -> settings:
    """So many in the usual profile; in another one, more or fewer in proportion."""
    return settings(max_examples=max(1, number * settings().max_examples // USUAL))
