"""The Train tab: gradient descent stepped like a program under a debugger, both ways."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widgets import ProgressBar, Static

from engine.training.run import Run
from engine.training.theory import Theory
from tui.chart.figures.small import logs
from tui.chart.figures.sparkline import sparkline
from tui.diagram.node_view import NodeSelected
from tui.kit.heading import Heading
from tui.kit.key_ids import with_ids
from tui.kit.paragraphs import Paragraphs
from tui.kit.rows_view import RowsView
from tui.run.branch_table import BranchTable
from tui.run.iteration import Inside
from tui.run.keys import TRAINING_KEYS
from tui.run.messages import IterationSeen
from tui.run.outlook import outlook
from tui.run.pane import RunPane
from tui.run.state import RunState, at_cursor
from tui.run.status_line import status
from tui.script import position
from tui.script.line_notes import line_notes
from tui.script.player import Player
from tui.script.source_view import SourceView
from tui.train.gradient_table import GradientTable, has_coefficients
from tui.train.iteration_graph import IterationGraph, NodeRule
from tui.train.iteration_pass import pass_player
from tui.train.printed_rows import Printed
from tui.train.readouts import Readouts, r_squared
from tui.train.small_charts import SmallCharts
from tui.train.update_path import UpdatePath

ROOMY = (100, 36)
"""From so many columns and rows on there is room for charts, and for the gradients' way."""
DENSE = 22
"""In fewer rows numbers are not written in large digits.

There is room for them then also below what is said of a run, so that they never change their size.
"""
ABOVE = 20
"""Rows of the loop and of what is printed at least, above a table of branches."""


class TrainPane(RunPane):
    """The loop as code with its numbers, the parameters in large, and truth beside them.

    Inside of a backward pass the graph of the iteration stands in their place, with its rule.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *TRAINING_KEYS,
        *with_ids(
            [
                Binding("e", "app.export_history", "Export", show=False, tooltip="history as CSV"),
                Binding("m", "facts", "More", show=False, tooltip="ulps, λ and the condition"),
                Binding("v", "switch", "View", show=False, id="view", tooltip="boxes or rows"),
                Binding("pageup", "scroll(-1)", "Rows up", show=False, id="rows-up"),
                Binding("pagedown", "scroll(1)", "Rows down", show=False, id="rows-down"),
            ]
        ),
    ]

    _all_facts = False
    """Whether ulps and eigenvalues are shown."""
    _drawn_in = Size(0, 0)
    shown_run: Run | None = None
    """The run as it is shown: where it stands, or at the cursor."""
    shown_inside: Inside | None = None
    """The iteration that is shown, and how far into it."""
    shown_pass: Player | None = None
    """At the backward pass that is looked at; None while none is."""

    def compose(self) -> ComposeResult:
        """Progress above; below it the loop and the numbers, and in a pass the graph and a rule."""
        with Horizontal(id="progress-line"):
            yield Static(id="status")
            yield ProgressBar(total=None, show_eta=False, id="progress")
        yield Paragraphs(id="train-stopped")
        with Container(id="train-body"):
            with Vertical(id="train-loop"):
                yield Heading("the loop", id="loop-heading")
                yield SourceView(id="loop")
            with Vertical(id="train-side"):
                yield Readouts(id="readouts")
                yield Static(id="losses")
                yield Heading("gradient")
                yield GradientTable(id="gradients")
            yield NodeRule(id="train-rule")
            with Vertical(id="train-path"):
                yield Heading("from gradient to update")
                yield UpdatePath(id="path")
            with Vertical(id="train-below"):
                with Horizontal(id="train-results"):
                    yield Printed(id="printed-section")
                    yield SmallCharts(id="small-charts")
                with Vertical(id="branches-section"):
                    yield Heading("branches")
                    yield BranchTable(id="branches")
            yield IterationGraph(id="train-graph")

    def show_changes(self, before: RunState, state: RunState) -> None:
        """Draw what differs; at a cursor the run as it was there, once it has been looked into."""
        run, theory = state.run, state.theory
        moved = run is not before.run or state.cursor != before.cursor
        if moved:
            self.shown_run = None if run is None else at_cursor(run, state.cursor)
            looks = state.cursor is not None and state.only_looking is None
            if self.shown_run is not None and looks:
                self._look_inside(self.shown_run)
        if moved or theory is not before.theory:
            self._show_run()
        if state.only_looking is not None:
            if state.only_looking is not before.only_looking:
                self._show_no_inside()
        elif state.cursor is None:
            self._show_inside(state.inside)
        if state.experiment is not before.experiment:
            self._show_branches()
        line = self.query_one("#status", Static)
        line.update(status(state, line.content_size.width), layout=False)
        if moved or theory is not before.theory or state.inside is not before.inside:
            self._show_gradients()
        self.query_one(SmallCharts).show_run(state)

    def on_resize(self) -> None:
        """Draw as many rows as there is room for now; in front again it has been drawn already."""
        if self.size == self._drawn_in:
            return
        width, height = self._drawn_in = self.size
        self.set_class(width >= ROOMY[0] and height >= ROOMY[1], "-roomy")
        self._show_run()
        self._show_branches()
        self.call_after_refresh(self._show_run)  # only then all in it has its size

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible: a graph to turn is there in a backward pass only."""
        if action == "switch":
            return self.shown_pass is not None
        return super().check_action(action, parameters)

    def action_facts(self) -> None:
        """Show what only an expert asks for, or hide it again."""
        self._all_facts = not self._all_facts
        if self.is_mounted:
            self._show_gradients()

    def action_switch(self) -> None:
        """Turn the graph from boxes to rows or back."""
        self.query_one(IterationGraph).switch()

    def action_scroll(self, by: int) -> None:
        """Scroll the printed rows by a page, or in a pass what is known of the node."""
        for rows in self.query("#printed" if self.shown_pass is None else "#rule").results(
            RowsView
        ):
            rows.scroll_relative(y=by * max(rows.size.height - 1, 1), animate=False)

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

    @on(NodeSelected)
    def _select_node(self, message: NodeSelected) -> None:
        message.stop()
        player = self.shown_pass
        if player is not None and player.graph is not None:
            self.query_one(IterationGraph).select(message.node)
            self.query_one(NodeRule).show_node(player, player.graph.nodes[message.node])

    def _show_run(self) -> None:
        """Progress, readouts, printed rows, the losses, and why it diverged."""
        run, theory = self.shown_run, self.state.theory
        if run is None:
            return
        done, target = run.state.iteration, run.problem.target
        self.query_one(ProgressBar).update(total=max(target, done), progress=done)
        self.query_one(Paragraphs).show(outlook(self.state, run))
        self.set_class(self.size.height < DENSE, "-dense")
        self.set_class(has_coefficients(run.problem), "-coefficients")
        self.query_one(Readouts).show_run(run, theory, dense=self.has_class("-dense"))
        self.query_one(Printed).show_run(run)
        self._show_losses(run, theory)

    def _show_losses(self, run: Run, theory: Theory | None) -> None:
        """R², beside the losses, or where these have a chart beside that of the optimum."""
        spark = self.query_one("#losses", Static)
        words, line = "", ""
        if theory is not None and (fit := r_squared(theory, run.state.w, run.state.b)):
            words = f"R² {fit:<7}"
        if self.has_class("-roomy"):
            line = f"best {r_squared(theory, theory.w, theory.b)}" if theory and words else ""
        else:
            room, losses = max(spark.size.width - len(words), 1), run.history.even_losses
            line = sparkline(logs(losses), room) if len(losses) > 1 else ""
        colour = "" if self.has_class("-roomy") else "$gradient"
        spark.update(Content.assemble((words, "bold $foreground"), (line, colour)), layout=False)

    def _show_inside(self, inside: Inside | None) -> None:
        """The loop's source with its position and notes, of the iteration looked into."""
        if inside is None or inside is self.shown_inside:
            return
        before, self.shown_inside = self.shown_inside, inside
        loop = self.query_one("#loop", SourceView)
        recording, here = inside.traced.recording, inside.position
        if loop.source != recording.source:
            loop.show_source(recording.source)
        moment = position.moment_at(recording, here)
        current = position.current_line(recording, here)
        loop.show_position(moment.line if moment else None, current, line_notes(recording, here))
        heading = self.query_one("#loop-heading", Heading)
        heading.show("the loop", f"iteration {inside.traced.iteration:,}")
        self._enter_pass(pass_player(inside, before))

    def _show_no_inside(self) -> None:
        """Show that no iteration can be looked into, where the run has lost its data."""
        self.shown_inside = None
        self.query_one("#loop", SourceView).show_source("# no iteration can be run here")
        self.query_one("#loop-heading", Heading).show("the loop")
        self._enter_pass(None)

    def _enter_pass(self, player: Player | None) -> None:
        """Show the graph and the rule in place of the numbers, or these again."""
        entered = (self.shown_pass is None) != (player is None)
        self.shown_pass = player
        if entered:
            self.set_class(player is not None, "-pass")
            self.refresh_bindings()
            # What is shown now has its size only after the next layout.
            self.call_after_refresh(self._show_pass)
            self.call_after_refresh(self._show_run)
        else:
            self._show_pass()

    def _show_pass(self) -> None:
        """The graph as far as backward has come, and what the node that it ran last has done."""
        player = self.shown_pass
        if player is None or player.graph is None:
            return
        selected = player.latest_node(after_last=True)
        self.query_one(IterationGraph).show_pass(player, selected)
        if selected is not None:
            self.query_one(NodeRule).show_node(player, player.graph.nodes[selected])

    def _show_branches(self) -> None:
        """The branches side by side; one alone needs no table, and rows go before it."""
        experiment = self.state.experiment
        count = len(experiment.branches) if experiment else 0
        section, rows = self.query_one("#branches-section"), min(count, 6) + 2
        section.display = count > 1 and self.size.height >= ABOVE + rows
        section.styles.height = rows
        if count > 1:
            self.query_one(BranchTable).show_experiment(experiment, self.state.theories)

    def _show_gradients(self) -> None:
        """Autograd's gradients beside the formula's, and the way of each to its update."""
        run, theory, inside = self.shown_run, self.state.theory, self.shown_inside
        self.query_one(GradientTable).show_run(run, theory, inside, all_facts=self._all_facts)
        if run is not None:
            self.query_one(UpdatePath).show_inside(inside, run.problem, theory)
