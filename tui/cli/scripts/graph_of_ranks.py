"""`linreg-tui graph` on a folder of recordings: the graph of one rank, and what all made of it."""

from __future__ import annotations

import shutil
from argparse import Namespace

from engine.ranks.reductions import Reduction, reductions
from tui.cli.printing.output import Json, complain
from tui.cli.scripts.graph_choice import ChosenGraph
from tui.cli.scripts.rank_json import ranks_document
from tui.cli.scripts.rank_text import fault_line, reduction_lines
from tui.cli.scripts.ranks import Ranks, read_ranks


class GraphOfRanks:
    """What is added to the graph of one rank; raises RunFileError or UsageError."""

    def __init__(self, options: Namespace) -> None:
        self._ranks: Ranks = read_ranks(options.source.path)
        self._rank, self.report = self._ranks.of(options.rank)
        """The report of the rank that is shown."""

    def print_lines(self, shown: ChosenGraph) -> None:
        """Print what the ranks made of the gradients of the pass that is shown."""
        if shown.number is None:
            return
        width = shutil.get_terminal_size().columns
        run, found = self._ranks.run, self._reductions(shown)
        print(f"\nrank {self._rank} of {run.world_size} is shown above")
        for line in reduction_lines(run, shown.number, found, self._rank, width):
            print(line)

    def document(self, shown: ChosenGraph | None) -> dict[str, Json]:
        """Return all of it for JSON."""
        run, found = self._ranks.run, self._reductions(shown)
        return ranks_document(run, self._rank, found, self._ranks.faults)

    def explained(self) -> None:
        """Print on stderr what is wrong between the ranks."""
        for fault in self._ranks.faults:
            complain(fault_line(fault))

    def noted(self) -> None:
        """Print on stderr what is to be known of the folder."""
        for note in self._ranks.run.notes:
            complain(note)

    def _reductions(self, shown: ChosenGraph | None) -> tuple[Reduction, ...]:
        if shown is None or shown.number is None:
            return ()
        return reductions(self._ranks.run, shown.number)
