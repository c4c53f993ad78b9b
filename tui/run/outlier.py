"""One point that is moved up or down, to see how the line is drawn to it. Pure."""

from __future__ import annotations

from dataclasses import replace

from engine.data.source import Source, Synthetic
from engine.training.points import Points

NO_OUTLIER = "only one of a few made points can be moved: those of a file stay as they are"


def with_outlier(source: Source, points: Points, by: int) -> Synthetic | None:
    """Made points of which the moved one is further up; None where none can be moved.

    It is the one with the largest x, which has the longest lever, and it stays the same one.
    """
    if not isinstance(source, Synthetic) or points.total > len(points.y):
        return None
    point, away = source.outlier, source.outlier_by + by
    if point is None:
        point = points.x.index(max(points.x))
    return replace(source, outlier=point if away else None, outlier_by=away)
