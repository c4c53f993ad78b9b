"""Columns that only their places tell apart, since their cells may be empty or hold spaces.

Found where spaces alone separate, but not into as many cells in every row: each line is then
turned into cells with tabs between them, as all other readers take them.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.cells import measured

Gaps = tuple[tuple[int, int], ...]
"""Between which places nothing stands in any line: from one until before the other."""

_LEAST = 3
"""Lines without which gaps are chance."""
_ABOVE = 4
"""Up to so many lines above the rows may go over gaps, as titles do."""
_BELOW = 4
"""Fewer lines than this behind an empty one may be footnotes."""
_OTHERS = ",;|"
"""What separates columns wherever most lines hold it."""
_MOST = 0.9


def gaps_of(lines: Sequence[str]) -> Gaps:
    """The gaps between columns of fixed width; none where the lines are of another layout."""
    held = [line.rstrip("\r\n") for line in _of_table(lines)]
    if len(held) <= _LEAST or any("\t" in line or '"' in line for line in held):
        return ()
    if any(sum(mark in line for line in held) > _MOST * len(held) for mark in _OTHERS):
        return ()
    for above in range(min(_ABOVE, len(held) - _LEAST)):
        rows = held[above + 1 :]
        if len({len(line.split()) for line in rows}) == 1:
            return ()  # spaces separate them
        gaps = _between(held[above:])
        if gaps and _are_columns([cut(line, gaps) for line in rows], gaps):
            return gaps if _are_complete(rows, gaps) else ()
    return ()


def cut(line: str, gaps: Gaps) -> list[str]:
    """The cells of a line; the line itself where something stands all over a gap."""
    cells, begin = [], 0
    for start, end in gaps:
        at = line.find(" ", start, end) if len(line) > start else len(line)
        if at < 0:
            return [line.strip()]
        # What is wider than in all lines looked at goes into the gap.
        cells.append(line[begin:at].strip())
        begin = at
    return [*cells, line[begin:].strip()]


def with_tabs(text: str, gaps: Gaps) -> str:
    """Lines whose cells have tabs between them."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(cut(line, gaps)) if line.strip() else "" for line in lines)


def _of_table(lines: Sequence[str]) -> list[str]:
    """The lines that hold something, without comments and the few behind the last empty one."""
    blank = [at for at, line in enumerate(lines) if not line.strip()]
    end = blank[-1] if blank and len(lines) - blank[-1] <= _BELOW else len(lines)
    return [line for line in lines[:end] if line.strip() and not line.startswith("#")]


def _between(lines: Sequence[str]) -> Gaps:
    """Where all lines have spaces, between places where some have none."""
    width = max(map(len, lines))
    taken = [any(line[i : i + 1].strip() for line in lines) for i in range(width)]
    starts = [i for i in range(width) if taken[i] and not (i and taken[i - 1])]
    ends = [i + 1 for i in range(width) if taken[i] and not (i + 1 < width and taken[i + 1])]
    return tuple(zip(ends[:-1], starts[1:], strict=True))


def _are_columns(rows: Sequence[Sequence[str]], gaps: Gaps) -> bool:
    """Whether two columns or more hold numbers alone, and no cell holds several."""
    columns = list(zip(*rows, strict=False))
    if any(len(row) != len(gaps) + 1 or any(map(_are_several, row)) for row in rows):
        return False
    numeric = (any(column) and all(map(_is_number, filter(None, column))) for column in columns)
    return sum(numeric) > 1


def _is_number(cell: str) -> bool:
    return measured(cell) is not None


def _are_several(cell: str) -> bool:
    """Whether a cell holds numbers that a gap should have told apart."""
    words = cell.split()
    return len(words) > 1 and all(map(_is_number, words))


def _are_complete(lines: Sequence[str], gaps: Gaps) -> bool:
    """Whether no line ends before its last column: which of its cells lacks nothing tells."""
    return all(len(line) > gaps[-1][0] for line in lines)
