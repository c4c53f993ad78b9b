"""What is about the app as a whole sees all that is painted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui import frames


@pytest.fixture(autouse=True)
def every_frame() -> Iterator[None]:
    """Paint as outside of tests."""
    with frames.every():
        yield
