"""Which key leads to something beside what is open, for the heading of its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.lessons import find
from engine.lessons.wrong_and_right import right_path


def hint(key: str, keys: Callable[[], Mapping[str, str]], *, original: bool, changed: bool) -> str:
    """Return what follows the title of what is open, by its key; `keys` returns those of actions.

    `original` says that it is changed and its original a key away, `changed` the other way round.
    """
    if original or changed:
        return f" · {keys().get('original', '')} {'original' if original else 'changed'}"
    lesson = find(key)
    if lesson is not None and lesson.group == "mistake" and right_path(lesson.path).is_file():
        return f" · {keys().get('side_by_side', '')} beside what is right"
    return ""
