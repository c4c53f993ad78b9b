"""The screen on which a mistake and what is right run side by side."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from engine.recording.differences import TensorChange
from engine.recording.source_lines import source_lines
from tui.graph.side_by_side.race import Race
from tui.graph.tensor_table import TensorTable
from tui.kit.dialog import Dialog
from tui.kit.heading import Heading
from tui.kit.key_ids import with_ids
from tui.kit.styles import content_style
from tui.kit.text import safe
from tui.script.line_notes import line_notes
from tui.script.player import Player
from tui.script.source_view import SourceView

KEYS = "n next · N back · c to what differs · r restart · escape leaves"


class Half(Container):
    """One of the two scripts: its source with the current line, and the tensors in scope.

    `other` is the word before what a number is on the other side.
    """

    def __init__(self, other: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._other = other

    def compose(self) -> ComposeResult:
        """Heading and source, and the tensors below or beside them."""
        with Vertical(classes="half-source"):
            yield Heading()
            yield SourceView()
        with Vertical(classes="half-tensors"):
            yield TensorTable(was=self._other)

    def begin(
        self, title: str, source: str, lines: tuple[int, ...], rows: int, *, right: bool
    ) -> None:
        """Show a source under a safe title; the `lines` are those that the other one lacks.

        It has so many `rows` where there is room.
        """
        self.query_one(Heading).show(title)
        view = self.query_one(SourceView)
        view.show_source(source)
        self.query_one(".half-source").styles.max_height = rows + 1  # and the heading
        view.mark_changed(*((lines, ()) if right else ((), lines)))

    def show(self, player: Player, differs: tuple[TensorChange, ...]) -> None:
        """Show a position, with what the numbers are on the other side where they differ."""
        if player.recording is not None:
            notes = line_notes(player.recording, player.position)
            view = self.query_one(SourceView)
            view.show_position(player.executed_line, player.current_line, notes)
        self.query_one(TensorTable).show_scope(player.scope, differs)


class SideBySideScreen(Dialog[None]):
    """Steps through both in lockstep; dismissed by escape."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding("n,s,space", "step(1)", "Next", id="race-next", tooltip="line of both"),
            Binding("N,S", "step(-1)", "Back", id="race-back", tooltip="one step"),
            Binding("c,exclamation_mark", "first", "Differs", id="race-first"),
            Binding("r", "restart", "Restart", id="race-restart"),
            Binding("escape,q,vertical_line", "dismiss(None)", "Leave", id="race-leave"),
        ]
    )
    DEFAULT_CSS = """
    SideBySideScreen { background: $background; layout: vertical; }
    #race-verdict { height: 2; padding: 0 1; background: $surface; }
    #race { height: 1fr; layout: horizontal; }
    #race Half { width: 1fr; height: 1fr; layout: vertical; }
    #race #right-half { margin: 0 0 0 1; }
    #race .half-source { height: 2fr; }
    #race .half-tensors { height: 1fr; padding: 1 1 0 1; }
    .half-source SourceView { height: 1fr; }
    .half-tensors TensorTable { height: 1fr; }
    #race-keys { height: 1; padding: 0 1; background: $panel; color: $muted; }
    SideBySideScreen.-narrow #race { layout: vertical; }
    SideBySideScreen.-narrow #race Half { layout: horizontal; }
    SideBySideScreen.-narrow #race #right-half { margin: 0; }
    SideBySideScreen.-narrow #race .half-source { width: 3fr; height: 1fr; }
    SideBySideScreen.-narrow #race .half-tensors { width: 2fr; height: 1fr; }
    """

    step: reactive[int] = reactive(0, init=False)
    """How many steps lie behind."""

    def __init__(self, title: str, race: Race) -> None:
        super().__init__()
        self._mistake, self.race = title, race

    def compose(self) -> ComposeResult:
        """How they compare, and below it the two halves."""
        yield Static(id="race-verdict", markup=False)
        with Container(id="race"):
            yield Half("right:", id="wrong-half")
            yield Half("wrong:", id="right-half")
        yield Static(KEYS, id="race-keys", markup=False)

    def on_mount(self) -> None:
        """Begin before the first line of both."""
        wrong, right = self.race.lines
        title = safe(self._mistake)
        left, other = self._halves
        sources = self.race.wrong.source, self.race.right.source
        rows = max(len(source_lines(source)) for source in sources)
        left.begin(f"✗ wrong · {title}", sources[0], wrong, rows, right=False)
        other.begin("✓ right", sources[1], right, rows, right=True)
        self.watch_step()

    @property
    def _halves(self) -> tuple[Half, Half]:
        return self.query_one("#wrong-half", Half), self.query_one("#right-half", Half)

    def watch_step(self) -> None:
        """Show both at this step, and what differs."""
        players, differs = self.race.players(self.step), self.race.differs(self.step).tensors
        numbers = tuple(one for one in differs if one.before and one.after)
        swapped = tuple(TensorChange(o.name, o.after, o.before, o.what) for o in numbers)
        for half, player, changes in zip(self._halves, players, (swapped, numbers), strict=True):
            half.show(player, changes)
        words, role = self.race.verdict(self.step)
        where = f"step {self.step} of {len(self.race.paces) - 1}"
        self.query_one("#race-verdict", Static).update(
            Content.assemble((safe(words), content_style(role)), "\n", (where, "$faint"))
        )

    def action_step(self, by: int) -> None:
        """Go on by a step, or back."""
        self.step = min(max(self.step + by, 0), len(self.race.paces) - 1)

    def action_first(self) -> None:
        """Go to the first number that differs, else to the end."""
        first = self.race.first
        self.step = len(self.race.paces) - 1 if first is None else first.step

    def action_restart(self) -> None:
        """Go back to before the first line."""
        self.step = 0
