"""The Train tab: gradient descent stepped like a program under a debugger, both ways."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import ProgressBar, Static

from tui.chart.figures.small import logs
from tui.chart.figures.sparkline import sparkline
from tui.kit.heading import Heading
from tui.kit.key_ids import with_ids
from tui.kit.paragraphs import Paragraphs
from tui.run.branch_table import BranchTable
from tui.run.divergence_help import stopped
from tui.run.keys import TRAINING_KEYS
from tui.run.pane import RunPane
from tui.run.status_line import status
from tui.script import position
from tui.script.line_notes import line_notes
from tui.script.source_view import SourceView
from tui.train.gradient_table import GradientTable
from tui.train.printed_rows import PrintedRows
from tui.train.readouts import Readouts


class TrainPane(RunPane):
    """The loop as code with its numbers, the parameters in large, and truth beside them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *TRAINING_KEYS,
        *with_ids(
            [Binding("e", "app.export_history", "Export", show=False, tooltip="history as CSV")]
        ),
    ]

    def compose(self) -> ComposeResult:
        """Progress above; the loop and the printed rows left, the numbers right."""
        with Horizontal(id="progress-line"):
            yield Static(id="status")
            yield ProgressBar(total=None, show_eta=False, id="progress")
        yield Paragraphs(id="train-stopped")
        with Horizontal(id="train-body"):
            with Vertical(id="train-main"):
                yield Heading("the loop", id="loop-heading")
                yield SourceView(id="loop")
                yield Heading("printed", id="printed-heading")
                yield PrintedRows(id="printed")
                with Vertical(id="branches-section"):
                    yield Heading("branches")
                    yield BranchTable(id="branches")
            with Vertical(id="train-side"):
                yield Readouts(id="readouts").data_bind(run=RunPane.training, theory=RunPane.theory)
                yield Static(id="losses")
                yield Heading("gradient")
                yield GradientTable(id="gradients")

    def watch_training(self) -> None:
        """The run has moved."""
        run = self.training
        if run is None:
            return
        done, target = run.state.iteration, run.problem.target
        bar = self.query_one(ProgressBar)
        bar.update(total=max(target, done), progress=done)
        self.query_one(PrintedRows).show_history(run.history)
        losses = logs(run.history.steps.losses)
        spark = self.query_one("#losses", Static)
        line = sparkline(losses, max(spark.size.width, 1))
        spark.update(Content.styled(line, "$gradient"), layout=False)
        self.query_one(Paragraphs).show(stopped(run, self.theory))
        self._show_status()
        self._show_gradients()

    def watch_experiment(self) -> None:
        """Another branch, or one further on; one alone needs no table."""
        count = len(self.experiment.branches) if self.experiment else 0
        section = self.query_one("#branches-section")
        section.display = count > 1
        section.styles.height = min(count, 6) + 2
        self.query_one(BranchTable).show_experiment(self.experiment)

    def watch_theory(self) -> None:
        """Another problem."""
        self._show_gradients()

    def watch_inside(self) -> None:
        """Another line of the loop."""
        inside = self.inside
        if inside is None:
            return
        loop = self.query_one("#loop", SourceView)
        recording, place = inside.dissection.recording, inside.place
        if loop.source != recording.source:
            loop.show_source(recording.source)
        moment = position.moment_at(recording, place)
        current = position.current_line(recording, place)
        loop.show_position(moment.line if moment else None, current, line_notes(recording, place))
        heading = self.query_one("#loop-heading", Heading)
        heading.show("the loop", f"iteration {inside.dissection.iteration:,}")
        self._show_gradients()

    def watch_busy(self) -> None:
        """Playing, running, or neither."""
        self._show_status()

    def watch_pace(self) -> None:
        """Another pace."""
        self._show_status()

    def watch_cursor(self) -> None:
        """Another iteration is looked at."""
        self._show_status()

    def on_resize(self) -> None:
        """There is room for more or fewer rows."""
        self.watch_training()
        self.watch_experiment()

    def _show_gradients(self) -> None:
        self.query_one(GradientTable).show_run(self.training, self.theory, self.inside)

    def _show_status(self) -> None:
        line = status(self.training, self.busy, self.pace, self.cursor)
        self.query_one("#status", Static).update(line, layout=False)
