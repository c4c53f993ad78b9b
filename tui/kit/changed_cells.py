"""Composing the screen where something has changed: only what is seen there is asked for its lines.

Textual asks every widget within the rectangle around all changes for all of its lines: with a
number changed at the top and one at the bottom that is the whole screen, and with it the
containers of which nothing is seen. They have their lines at hand, but so many times a second that
it takes more than what has changed.
"""

from __future__ import annotations

from itertools import pairwise

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

_Wanted = dict[int, set[int]]
"""By line, where the parts begin that have changed and are not drawn yet."""


class ChangedCells(Compositor):
    """As Textual's, with the same cells on the screen."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Draw what has changed; None where nothing has."""
        changed = [region.intersection(self.size.region) for region in self._dirty_regions]
        self._dirty_regions.clear()
        spans = [*self._regions_to_spans(changed)]
        if not spans:
            return None
        return ChopsUpdate(self._drawn(spans), spans, [cuts[1:] for cuts in self.cuts])

    def _drawn(self, spans: list[tuple[int, int, int]]) -> list[dict[int, Strip | None]]:
        """The parts of all lines by where they begin; those outside the spans are None."""
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(cuts[:-1]) for cuts in self.cuts]
        wanted: _Wanted = {}
        for y, first, last in spans:
            parts = pairwise(self.cuts[y])
            wanted.setdefault(y, set()).update(x for x, end in parts if x < last and end > first)
        for widget, (region, clip) in self.visible_widgets.items():  # from the front to the back
            seen = region.intersection(clip)
            rows = _rows(wanted, seen)
            if not rows:
                continue
            top = rows[0]
            lines = widget.render_lines(
                Region(seen.x - region.x, top - region.y, seen.width, rows[-1] + 1 - top)
            )
            for y in rows:
                self._draw(chops[y], wanted[y], lines[y - top], y, seen)
                if not wanted[y]:
                    del wanted[y]
            if not wanted:
                break
        return chops

    def _draw(
        self, line: dict[int, Strip | None], wanted: set[int], strip: Strip, y: int, seen: Region
    ) -> None:
        """Put the parts of a widget's strip that are wanted into a line of the screen."""
        cuts = [cut for cut in self.cuts[y] if seen.x <= cut <= seen.right]
        for x, part in zip(cuts, strip.divide([cut - seen.x for cut in cuts[1:]]), strict=False):
            if x in wanted:
                line[x] = part
                wanted.remove(x)


def _rows(wanted: _Wanted, seen: Region) -> list[int]:
    """The lines in which something within a region is wanted, from the top."""
    left, top, right, bottom = seen.x, seen.y, seen.right, seen.bottom
    return [
        y
        for y, parts in wanted.items()
        if top <= y < bottom and any(left <= x < right for x in parts)
    ]
