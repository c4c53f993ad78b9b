"""Frames that no test looks at are not painted: painting is a third of what running an app costs.

Layout, callbacks after a refresh and all else go on as they do; what has changed is kept until it
is painted: after the last of some keys, where an app under Pilot ends, and on every frame where
a test asks for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import App
from textual.screen import Screen

_paint = vars(Screen)["_compositor_refresh"]
_every = [False]


def _paint_some(screen: Screen[object]) -> None:
    """Paint what has changed in the screen in front, where every frame is to be painted."""
    if _every[-1] or screen is not screen.app.screen:
        _paint(screen)


def paint(app: App[None]) -> None:
    """Paint all that has changed since it was painted last, unless the app is over."""
    if not app._exit:
        _paint(app.screen)


@contextmanager
def every() -> Iterator[None]:
    """Paint every frame, as outside of tests."""
    _every.append(True)
    yield
    _every.pop()


def skip() -> None:
    """Paint the screens of this process where a test asks for it, from now on."""
    Screen._compositor_refresh = _paint_some  # type: ignore[method-assign, assignment]
