"""At most two points a column: as many as can be seen, and no extreme lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Point = tuple[float, float]


def thin(points: Iterable[Point | None], columns: int) -> list[Point | None]:
    """The lowest and the highest point of each column, in their order along the curve.

    x from 0 to 1 covers the columns, ascending; of what lies to the left or right only the
    points next to the edge are kept. None is a gap, and stays one.
    """
    kept: list[Point | None] = []
    for column, group in _columns(points, columns):
        if column is None:
            kept.append(None)
        elif column < 0:
            kept.append(group[-1])
        elif column >= columns:
            kept.append(group[0])
        else:
            kept.extend(extremes(group))
    return kept


def extremes(points: Sequence[Point]) -> list[Point]:
    """The lowest and the highest, in their order; one where they are the same."""
    low = high = 0
    for i, (_, y) in enumerate(points):
        if y < points[low][1]:
            low = i
        elif y > points[high][1]:
            high = i
    return [points[i] for i in sorted({low, high})]


def _columns(
    points: Iterable[Point | None], columns: int
) -> Iterator[tuple[int | None, list[Point]]]:
    current: int | None = None
    group: list[Point] = []
    for point in points:
        column = None if point is None else _column(point[0], columns)
        if column != current:
            if group:
                yield current, group
            current, group = column, []
            if column is None:
                yield None, []
        if point is not None:
            group.append(point)
    if group:
        yield current, group


def _column(x: float, columns: int) -> int:
    if x < 0:
        return -1
    return columns if x > 1 else min(int(x * columns), columns - 1)
