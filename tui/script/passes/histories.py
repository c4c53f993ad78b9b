"""What the Train and the Chart tab read of a script's run, kept once for both."""

from __future__ import annotations

from engine.recording.pass_table import PassTable
from tui.script.passes.pass_history import PassHistory
from tui.script.passes.rank_history import RankHistories


class Histories:
    """The histories of a run that grows, each going on from the last, for all who look at it."""

    def __init__(self) -> None:
        self._last = PassHistory()
        self.ranks = RankHistories()
        """Those of all ranks, where there are several."""

    def of(self, table: PassTable) -> PassHistory:
        """Return the history of a table; the same one for the same table."""
        self._last = self._last.grown(table)
        return self._last
