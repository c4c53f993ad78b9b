"""The source over the autograd graph, each with a heading that says how far it has come."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from engine.autograd.graph import Node
from engine.recording.differences import Differences
from engine.recording.pass_table import PassTable
from engine.recording.records import Recording
from tui.diagram.box_view import NOTHING
from tui.diagram.node_details import Known
from tui.diagram.sentence import sentence
from tui.graph.first_keys import invitation
from tui.graph.graph_widget import GraphWidget
from tui.graph.headings import graph_heading, source_heading, source_title
from tui.graph.outline import GRAPH, source_rows
from tui.kit.heading import Heading
from tui.kit.key_ids import keys_of
from tui.kit.paragraphs import Paragraph, Paragraphs
from tui.run.loss_strip import LossStrip
from tui.script.advice import Remark, advice_at
from tui.script.change_words import nodes_heading
from tui.script.compared import SAME
from tui.script.line_notes import compared, line_notes
from tui.script.nothing_yet import LOADING
from tui.script.player import Player
from tui.script.source_view import SourceView
from tui.script.windows import deep_passes


class MainColumn(Vertical):
    """Shows where a Player is: the current line with its notes, advice, and the graph there."""

    remark: Remark | None = None
    """Said of one pass, besides what its lines say."""
    awaits: bool = False
    """Whether the heading says that the script runs."""

    def compose(self) -> ComposeResult:
        """Source, advice and graph, one below the other."""
        yield Heading(LOADING, id="source-heading")
        yield SourceView(id="source")
        yield LossStrip(id="loss-strip")
        yield Paragraphs(id="advice")
        yield Heading(GRAPH, id="drawing-heading")
        yield GraphWidget(id="drawing")
        yield Static(id="sentence", markup=False)

    @property
    def graph_widget(self) -> GraphWidget:
        """The widget that owns selection, search and folds."""
        return self.query_one(GraphWidget)

    def show_source(self, source: str) -> None:
        """Show it as high as it is long, where that leaves enough room for the graph."""
        self.query_one(SourceView).show_source(source)
        self._limit_source()

    def invite(self) -> None:
        """Say what to press, in place of a graph."""
        self.graph_widget.invite(invitation(keys_of(self)))

    def on_resize(self) -> None:
        """Share the height out anew."""
        self._limit_source()

    def _limit_source(self) -> None:
        # By hand: where one of two heights in `fr` has a limit, Textual gives the other too much.
        view, others = self.query_one(SourceView), (*self.query(Heading), self.query_one(LossStrip))
        rows = self.size.height - sum(one.outer_size.height for one in others)
        advice = self.query_one(Paragraphs).outer_size.height
        view.styles.height = source_rows(rows, view.source.count("\n") + 1, advice)

    def _show_file(self, player: Player) -> None:
        """Show the file of the current line, if another one is shown."""
        source, view = player.source, self.query_one(SourceView)
        if source != view.source:
            self.show_source(source)
            view.show_breakpoints(player.breakpoints.lines_in(player.file))

    def show_line_breakpoints(self, player: Player) -> None:
        """Mark the source lines with a breakpoint."""
        self.query_one(SourceView).show_breakpoints(player.breakpoints.lines_in(player.file))

    def show_paragraphs(self, paragraphs: Sequence[Paragraph]) -> None:
        """Show paragraphs between source and graph, instead of those that were there."""
        self.query_one(Paragraphs).show(paragraphs)
        self.call_after_refresh(self._limit_source)

    def show_remark(self, remark: Remark | None, player: Player) -> None:
        """Say something of a pass, or nothing any more, where the player is in it."""
        self.remark = remark
        if player.recording is not None:
            self.show_paragraphs(self._paragraphs(player.recording, player))

    def show_position(
        self, player: Player, selected: int | None, differs: Differences = SAME
    ) -> None:
        """Show the current line, the notes and advice up to it, and the graph with a selection.

        Lines and nodes that differ from the original are marked.
        """
        if player.recording is not None:
            self._show_file(player)
            notes = line_notes(player.recording, player.position, player.file)
            if (twin := player.twin) is not None and twin.recording is not None:
                notes = compared(notes, line_notes(twin.recording, twin.position, twin.file))
            source = self.query_one(SourceView)
            source.mark_changed(*((differs.lines, differs.gaps) if not player.file else ((), ())))
            source.show_position(player.executed_line, player.current_line, notes)
            self.show_paragraphs(self._paragraphs(player.recording, player))
        self._show_losses(player)
        widget, run = self.graph_widget, player.backward_pass
        if player.graph is None:
            nothing = player.recording is None or player.at_end
            widget.invite((NOTHING,) if nothing else invitation(keys_of(self)))
        before = player.twin.backward_pass.gradients if player.twin else ()
        stops, coming = player.node_breakpoints, player.pass_to_come
        widget.show_graph(player.graph, run, selected, stops, coming, differs.marked, before)

    def _show_losses(self, player: Player) -> None:
        recording, window = player.recording, player.window
        passes = recording.passes if recording else PassTable()
        deep = deep_passes(recording) if recording else ()
        self.query_one(LossStrip).show_passes(passes, deep, window.number if window else None)

    def tell(self, known: Known | None) -> None:
        """Say of a node in one sentence what it does, in a lecture; else nothing is laid out."""
        words = self.query_one("#sentence", Static)
        if words.display:
            words.update(sentence(known) if known else "")

    def mark_made(self, player: Player, node: Node | None) -> None:
        """Mark the line that made a node, where its file is the one that is shown."""
        files = player.recording.files if player.recording else ()
        shown = files[player.file].name if 0 < player.file < len(files) else None
        here = node is not None and node.file == shown
        self.query_one(SourceView).mark_made(node.line if node is not None and here else None)

    def show_supposed(self, words: str) -> None:
        """Write in the heading of the graph what is supposed, as safe text."""
        drawing = self.query_one("#drawing-heading", Heading)
        drawing.title += f" · {words}" if words else ""

    def show_headings(
        self, title: str, player: Player, going_on: str, differs: Differences = SAME
    ) -> None:
        """Write the safe title of what is open, and how far source and backward have come.

        Of a changed script also at how many nodes it differs from the original.
        """
        source = self.query_one("#source-heading", Heading)
        source.show(source_title(title, player), source_heading(player, going_on))
        drawing = self.query_one("#drawing-heading", Heading)
        graph, aside = graph_heading(player, too_large=self.graph_widget.views.too_large)
        words = nodes_heading(differs, player.graph)
        drawing.show(f"{graph} · {words}" if words else graph, aside)

    def _paragraphs(self, recording: Recording, player: Player) -> tuple[Paragraph, ...]:
        """What is said of the position, after what is to be remarked of its pass."""
        said = advice_at(recording, player.position, silent=self.awaits)
        window = player.window
        remarked = self.remark and window and window.number == self.remark.number
        return (self.remark.paragraph, *said) if self.remark and remarked else said
