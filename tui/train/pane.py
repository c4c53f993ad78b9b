"""The Train tab: gradient descent stepped like a program under a debugger, both ways."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import ProgressBar, Static

from engine.training.run import Run
from tui.chart.figures.small import logs
from tui.chart.figures.sparkline import sparkline
from tui.kit.heading import Heading
from tui.kit.key_ids import with_ids
from tui.kit.paragraphs import Paragraphs
from tui.run.branch_table import BranchTable
from tui.run.divergence_help import stopped
from tui.run.iteration import Inside
from tui.run.keys import TRAINING_KEYS
from tui.run.messages import IterationSeen
from tui.run.pane import RunPane
from tui.run.state import RunState, at_cursor
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

    shown_run: Run | None = None
    """The run as it is shown: where it stands, or at the cursor."""
    shown_inside: Inside | None = None
    """The iteration that is shown, and how far into it."""

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
                yield Readouts(id="readouts")
                yield Static(id="losses")
                yield Heading("gradient")
                yield GradientTable(id="gradients")

    def show_changes(self, before: RunState, state: RunState) -> None:
        """Draw what differs; at a cursor the run as it was there, once it has been looked into."""
        run, theory = state.run, state.theory
        moved = run is not before.run or state.cursor != before.cursor
        if moved:
            self.shown_run = None if run is None else at_cursor(run, state.cursor)
            if self.shown_run is not None and state.cursor is not None:
                self._look_inside(self.shown_run)
        if moved or theory is not before.theory:
            self._show_run()
        if state.cursor is None:
            self._show_inside(state.inside)
        if state.experiment is not before.experiment:
            self._show_branches()
        self.query_one("#status", Static).update(status(state), layout=False)
        if moved or theory is not before.theory or state.inside is not before.inside:
            self._show_gradients()

    def on_resize(self) -> None:
        """Draw as many rows as there is room for now."""
        self._show_run()
        self._show_branches()

    @work(thread=True, group="looking")
    def _look_inside(self, run: Run) -> None:
        from tui.run.moves import spot  # torch

        self.post_message(IterationSeen(*spot(run)))

    @on(IterationSeen)
    def _take_seen(self, message: IterationSeen) -> None:
        message.stop()
        if message.run is self.shown_run:
            self._show_inside(message.inside)
            self._show_gradients()

    def _show_run(self) -> None:
        """Progress, readouts, printed rows, the losses, and why it diverged."""
        run, theory = self.shown_run, self.state.theory
        if run is None:
            return
        done, target = run.state.iteration, run.problem.target
        self.query_one(ProgressBar).update(total=max(target, done), progress=done)
        self.query_one(Readouts).show_run(run, theory)
        self.query_one(PrintedRows).show_history(run.history)
        spark = self.query_one("#losses", Static)
        line = sparkline(logs(run.history.steps.losses), max(spark.size.width, 1))
        spark.update(Content.styled(line, "$gradient"), layout=False)
        self.query_one(Paragraphs).show(stopped(run, theory))

    def _show_inside(self, inside: Inside | None) -> None:
        """The loop's source with its position and notes, of the iteration looked into."""
        if inside is None or inside is self.shown_inside:
            return
        self.shown_inside = inside
        loop = self.query_one("#loop", SourceView)
        recording, here = inside.traced.recording, inside.position
        if loop.source != recording.source:
            loop.show_source(recording.source)
        moment = position.moment_at(recording, here)
        current = position.current_line(recording, here)
        loop.show_position(moment.line if moment else None, current, line_notes(recording, here))
        heading = self.query_one("#loop-heading", Heading)
        heading.show("the loop", f"iteration {inside.traced.iteration:,}")

    def _show_branches(self) -> None:
        """The branches side by side; one alone needs no table."""
        experiment = self.state.experiment
        count = len(experiment.branches) if experiment else 0
        section = self.query_one("#branches-section")
        section.display = count > 1
        section.styles.height = min(count, 6) + 2
        if count > 1:
            self.query_one(BranchTable).show_experiment(experiment)

    def _show_gradients(self) -> None:
        self.query_one(GradientTable).show_run(self.shown_run, self.state.theory, self.shown_inside)
