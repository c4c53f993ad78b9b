"""Curves cut at the frame, so that nothing outside it is ever drawn (Liang and Barsky, 1984)."""

from __future__ import annotations

from collections.abc import Iterable

Point = tuple[float, float]


def clip(points: Iterable[Point | None]) -> list[list[Point]]:
    """Cut a polyline into its pieces inside the unit square; None in it is a gap."""
    pieces: list[list[Point]] = []
    before: Point | None = None
    for point in points:
        if point is not None:
            if before is None:
                if inside(point):
                    pieces.append([point])
            else:
                _extend(pieces, before, point)
        before = point
    return pieces


def inside(point: Point) -> bool:
    """Return whether a point is in the unit square."""
    return 0 <= point[0] <= 1 and 0 <= point[1] <= 1


def _extend(pieces: list[list[Point]], start: Point, end: Point) -> None:
    segment = cut(start, end)
    if segment is None:
        return
    if pieces and pieces[-1][-1] == segment[0]:
        pieces[-1].append(segment[1])
    else:
        pieces.append(list(segment))


def cut(start: Point, end: Point) -> tuple[Point, Point] | None:
    """Return the part of a segment inside the unit square, if any."""
    if inside(start) and inside(end):
        return start, end
    enter, leave = 0.0, 1.0
    for a, b in zip(start, end, strict=True):
        if a == b:
            if not 0 <= a <= 1:
                return None
            continue
        near, far = sorted(((0 - a) / (b - a), (1 - a) / (b - a)))
        enter, leave = max(enter, near), min(leave, far)
    if enter > leave:
        return None
    return _along(start, end, enter), _along(start, end, leave)


def _along(start: Point, end: Point, part: float) -> Point:
    """Not a hair outside, whatever the rounding."""
    x = start[0] + part * (end[0] - start[0])
    y = start[1] + part * (end[1] - start[1])
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
