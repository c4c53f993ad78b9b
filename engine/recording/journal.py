"""What a running script leaves behind, entry by entry: the growing form of a `Recording`.

Torch-free. Here it is kept in memory; `run_file.RunJournal` keeps it in a file.
"""

from __future__ import annotations

from dataclasses import replace

from engine.autograd.graph import Backward, Graph
from engine.recording.findings import Finding
from engine.recording.pass_chunk import PassChunk
from engine.recording.rank_records import Collective, RankPass, RankPlace
from engine.recording.records import (
    Ending,
    Moment,
    Recording,
    ScriptError,
    SilentWrite,
    SourceFile,
)


class Journal:
    """Entries so far; every change goes through one of its methods."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.line = 1
        """The number of the line that began last."""
        self.moments: list[Moment] = []
        self.graphs: list[Graph] = []
        self.backwards: list[Backward] = []
        self.files: list[SourceFile] = []
        self.notes: list[str] = []
        self.findings: list[Finding] = []
        self.place: RankPlace | None = None
        self.rank_passes: list[RankPass] = []
        self.collective: Collective | None = None
        self.moment_count = self.graph_count = self.backward_count = 0
        self.last_moment: Moment | None = None
        self.last_names: frozenset[str] = frozenset()
        """The names of the nodes of the last graph."""
        self.last_backward: Backward | None = None
        """That of the line now running."""

    def begin(self, line: int) -> None:
        """A line is about to run."""
        self.line = line

    def add_file(self, file: SourceFile) -> int:
        """Add a file whose lines run; returns its index."""
        self.files.append(file)
        return len(self.files) - 1

    def add_graph(self, graph: Graph) -> None:
        """Add a graph that later moments point at."""
        self.graphs.append(graph)
        self.graph_count += 1
        self.last_names = frozenset(node.name for node in graph.nodes if node.name)

    def add_backward(self, backward: Backward) -> None:
        """Add a backward pass that the line now running made."""
        self.backwards.append(backward)
        self.backward_count += 1
        self.last_backward = backward

    def add_moment(self, moment: Moment) -> None:
        """Add the state after a line that has run."""
        self.moments.append(moment)
        self.moment_count += 1
        self.last_moment = moment
        self.last_backward = None

    def blame(self, index: int, silent: tuple[SilentWrite, ...]) -> None:
        """Correct the silent writes of an earlier moment, now that their harm is known."""
        self.moments[index] = replace(self.moments[index], silent=silent)

    def note(self, text: str) -> None:
        """Add a line that whoever reads the recording must know."""
        if text not in self.notes:
            self.notes.append(text)

    def add_finding(self, finding: Finding) -> bool:
        """Add what is wrong, unless it has been said of the same line; returns whether it is new.

        An error counts at the moment at which it was raised.
        """
        for known in self.findings:
            same = (known.kind, known.file, known.line) == (
                finding.kind,
                finding.file,
                finding.line,
            )
            if same and (not finding.is_error or known.moment == finding.moment):
                return False
        self.findings.append(finding)
        return True

    def add_passes(self, chunk: PassChunk) -> None:
        """Add the scalars of passes that have ended."""

    def set_place(self, place: RankPlace) -> None:
        """Say which process of a distributed run this is, as far as that is known by now."""
        self.place = place

    def add_rank_passes(self, passes: tuple[RankPass, ...]) -> None:
        """Add what the ranks made of the gradients of consecutive passes."""
        self.rank_passes.extend(passes)

    def reached(self, collective: Collective) -> None:
        """Say which collective was reached last."""
        self.collective = collective

    def returned(self) -> None:
        """A function has returned: it is not known when the next line begins."""

    def window_ended(self) -> None:
        """No more lines come for now."""

    def recording(self, ending: Ending, error: ScriptError | None, trailing: str) -> Recording:
        """Everything so far, as an immutable record."""
        return Recording(
            self.name,
            self.source,
            tuple(self.moments),
            tuple(self.graphs),
            tuple(self.backwards),
            ending,
            error,
            trailing,
            files=tuple(self.files),
            findings=tuple(self.findings),
            notes=tuple(self.notes),
            place=self.place,
            rank_passes=tuple(self.rank_passes),
            collective=self.collective,
        )
