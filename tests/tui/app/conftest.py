"""What looks for a picture that fails sees all that are painted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui import frames


@pytest.fixture
def every_frame() -> Iterator[None]:
    """Paint as outside of tests."""
    with frames.every():
        yield
