"""Wires through one channel between two layers: along rows, and across on tracks.

Channel routing as for circuit boards (Hashimoto, Stevens 1971; Deutsch 1976). Every trunk
comes in at one row and leaves at one or more; where the rows differ it has a *bar*, the
stretch that runs across on a track of its own. No two trunks share a piece of row or track:
the bar of the trunk that comes in at a row stands before the bar of one that leaves there.
Rows and tracks are counted from the top left of the channel in a drawing that flows right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple


class Trunk(NamedTuple):
    """What one channel must connect."""

    row: int
    """The row at which the trunk comes in."""
    targets: tuple[int, ...]
    """The rows where it leaves."""


class Turn(NamedTuple):
    """A way across, from the row where a wire is to another."""

    track: int
    row: int


class Channel(NamedTuple):
    """The ways through one channel."""

    tracks: int
    turns: dict[tuple[int, int], tuple[Turn, ...]]
    """By the rows where a trunk comes in and where it leaves; empty for a straight way."""


@dataclass(slots=True, eq=False)
class _Bar:
    feed: int
    """The row at which it is reached."""
    taps: tuple[int, ...]
    """The rows to which it leads."""
    later: list[_Bar] = field(default_factory=list)
    """Bars that must stand further on."""
    track: int = 0

    @property
    def low(self) -> int:
        return min(self.feed, *self.taps)

    @property
    def high(self) -> int:
        return max(self.feed, *self.taps)


def routed(trunks: Sequence[Trunk]) -> Channel:
    """Return tracks for all trunks of a channel; rows come in and leave once at most each."""
    ways = [_bars(trunk) for trunk in trunks]
    _order_by_rows(ways, trunks)
    bars = [bar for way in ways for bar in way]
    tracks = _tracks(_in_line(bars))
    turns = {
        (trunk.row, target): tuple(_turns(way, target))
        for trunk, way in zip(trunks, ways, strict=True)
        for target in trunk.targets
    }
    return Channel(tracks, turns)


def _bars(trunk: Trunk) -> list[_Bar]:
    """One bar, or none, or one up and one down where the trunk also goes straight on."""
    up = tuple(row for row in trunk.targets if row < trunk.row)
    down = tuple(row for row in trunk.targets if row > trunk.row)
    if trunk.row in trunk.targets:
        return [_Bar(trunk.row, taps) for taps in (up, down) if taps]
    return [_Bar(trunk.row, up + down)]


def _turns(way: list[_Bar], target: int) -> Iterator[Turn]:
    """Backwards from the bar with the target to the one at which the trunk comes in."""
    turns = []
    row = target
    while bar := next((bar for bar in way if row in bar.taps), None):
        turns.append(Turn(bar.track, row))
        row = bar.feed
    return reversed(turns)


def _order_by_rows(ways: list[list[_Bar]], trunks: Sequence[Trunk]) -> None:
    """Say which bar stands before which; bars in a circle get a detour by a row of their own."""
    taken = {row for trunk in trunks for row in (trunk.row, *trunk.targets)}
    tapped = {tap: bar for way in ways for bar in way for tap in bar.taps}
    for way in ways:
        for bar in list(way):
            if _in_circle(bar, tapped):
                row = _free_row(bar, taken)
                taken.add(row)
                rest = _Bar(row, bar.taps)
                bar.taps = (row,)
                bar.later.append(rest)
                way.append(rest)
                tapped.update(dict.fromkeys(rest.taps, rest))
    for way in ways:
        for bar in way:
            other = tapped.get(bar.feed)
            if other is not None:
                bar.later.append(other)


def _in_circle(bar: _Bar, tapped: dict[int, _Bar]) -> bool:
    """Whether going from a bar to the one that leaves where it comes in leads back to it."""
    met = {bar}
    following = tapped.get(bar.feed)
    while following is not None and following not in met:
        met.add(following)
        following = tapped.get(following.feed)
    return following is bar


def _free_row(bar: _Bar, taken: set[int]) -> int:
    """The row nearest to where a bar is reached, on its way if there is one, that is free."""
    way = 1 if bar.taps[0] > bar.feed else -1
    return next(row for step in count(1) if (row := bar.feed + way * step) not in taken)


def _in_line(bars: list[_Bar]) -> list[_Bar]:
    """The bars from first to last: what must be before is, and else what crosses less."""
    waiting = dict.fromkeys(bars, 0)
    for bar in bars:
        for other in bar.later:
            waiting[other] += 1
    score = {bar: sum(_cost(bar, o) - _cost(o, bar) for o in bars if o is not bar) for bar in bars}
    line: list[_Bar] = []
    while waiting:
        ready = [bar for bar, before in waiting.items() if not before]
        chosen = min(ready, key=lambda bar: (score[bar], bar.low, bar.high))
        line.append(chosen)
        del waiting[chosen]
        for other in waiting:
            score[other] -= _cost(other, chosen) - _cost(chosen, other)
        for other in chosen.later:
            waiting[other] -= 1
    return line


def _cost(first: _Bar, second: _Bar) -> int:
    """How often two trunks cross when the bar of the first stands before the other's."""
    leaving = sum(second.low < tap < second.high for tap in first.taps)
    return leaving + (first.low < second.feed < first.high)


def _tracks(line: list[_Bar]) -> int:
    """Give every bar in line the first track after those it touches; how many there are."""
    for i, bar in enumerate(line):
        before = (o.track for o in line[:i] if o.low <= bar.high + 1 and bar.low <= o.high + 1)
        bar.track = max(before, default=-1) + 1
    return max((bar.track for bar in line), default=-1) + 1
