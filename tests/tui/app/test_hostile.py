"""Hostile text in every place of the screen where text from outside can come to.

The last look at what is drawn would catch all of it; so it is put aside here, and what is tested
is that there is nothing left for it to catch, and that every text is shown, visibly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NoReturn, get_args

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.screen import Screen as Screen_
from textual.widgets import Input, OptionList

from engine.data.column_choice import Selection
from engine.data.source import ProblemError
from engine.recording.gradient_ledger import Entry, LeafLedger
from engine.rules.local_rule import LocalRule
from engine.sessions.session import Session
from engine.training.branches import Branch, BranchError, Experiment
from engine.training.breakpoints import BreakpointError
from engine.training.problem import Problem
from tests.hostile import PAYLOADS, shows, unsafe
from tests.tui.conftest import Open, Screen
from tests.tui.hostile_records import ONE, recording, session, single
from tui.chart.figures.kinds import Chart
from tui.chart.pane import ChartPane
from tui.graph.layout.box_text import Detail, boxes
from tui.graph.node_details import Known, NodeDetails
from tui.graph.pane import GraphPane
from tui.graph.player import Player
from tui.kit.glyph_filter import GlyphFilter
from tui.kit.glyphs import Level
from tui.kit.prompt import PromptScreen
from tui.run.branches_dialog import BranchScreen
from tui.run.breakpoints_dialog import BreakpointScreen
from tui.run.data_dialog import DataScreen
from tui.run.data_form import DataChoice
from tui.run.messages import SessionLoaded
from tui.run.setup_dialog import ExperimentScreen
from tui.script.position import Position
from tui.script.source_view import SourceView
from tui.script.subject import Script

ROOMY = (150, 44)
"""A size in which no part of the screen is left out."""

LOST_LEAF, FAILED = Position(4), Position(5)
"""In the hostile recording."""
TURNS = 100
"""So often what is to be shown is waited for."""


class Looked(LineFilter):
    """What came to the last look, which lets all of it through."""

    def __init__(self) -> None:
        super().__init__()
        self.unsafe: list[str] = []

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        self.unsafe.extend(segment.text for segment in segments if unsafe(segment.text))
        return segments


@pytest.fixture
def looked() -> Looked:
    """What takes the place of the last look."""
    return Looked()


class Tour:
    """Goes over places with one payload after the other, and notes where one is not well shown."""

    def __init__(self, screen: Screen, looked: Looked) -> None:
        self.screen, self._looked = screen, looked
        self.wrong: list[tuple[str, str, object]] = []

    async def see(self, kind: str, payload: str, *places: str) -> None:
        """Wait for the screen; every widget in `places` must show the payload."""
        for _ in range(TURNS):
            await self.screen.pilot.pause(0.005)
            shown = painted(self.screen.app.screen, places)
            missing = [place for place, text in shown.items() if not shows(text, payload)]
            if not missing:
                break
        self.wrong += [(kind, place, shown[place][:300]) for place in missing]
        if self._looked.unsafe:
            self.wrong.append((kind, "raw", self._looked.unsafe[:3]))
            self._looked.unsafe.clear()


def painted(screen: Screen_[object], selectors: Iterable[str]) -> dict[str, str]:
    """What stands on the screen where some widgets are, by selector."""
    strips = screen._compositor.render_strips()
    return {
        selector: "\n".join(
            strip.crop(widget.region.x, widget.region.right).text
            for widget in screen.query(selector)
            for strip in strips[widget.region.y : widget.region.bottom]
        )
        for selector in selectors
    }


def pane_of(screen: Screen) -> GraphPane:
    return screen.app.screen_stack[0].query_one(GraphPane)


async def test_a_recording(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, pane = Tour(screen, looked), pane_of(screen)
        details = screen.app.query_one(NodeDetails)
        await screen.until(lambda: pane.recording)
        for kind, payload in PAYLOADS.items():
            pane.player = Player(recording(payload), LOST_LEAF)
            await tour.see(kind, payload, "#advice", "#node")
            pane.player = pane.player.at(FAILED)
            positions = ("#source", "#advice", "#tensors", "BoxView")
            await tour.see(kind, payload, *positions, "#drawing-heading", "#node-heading")
            pane.graph_widget.action_fold_all()  # which turns to the rails
            await tour.see(kind, payload, "RailView")
            pane.graph_widget.action_fold_all()
            await tour.see(kind, payload, "RailView")
            pane.action_tensors()
            await tour.see(kind, payload, "#tensors")
            pane.action_tensors()
            pane.graph_widget.action_switch()
            details.show_node(known(payload))
            await tour.see(kind, payload, "#node")
        assert not tour.wrong


def known(text: str) -> Known:
    """A node with a rule and a ledger."""
    node, *_ = recording(text).graphs[0].nodes
    rule = LocalRule(0, text, text, None, ONE, None, text)
    entry = Entry("added", 0, 1, None, ONE, ONE, 1)
    return Known(
        node, recording(text).backwards[0].gradients[0], (rule,), LeafLedger(text, (entry,))
    )


@pytest.mark.parametrize("detail", get_args(Detail))
def test_a_box_in_any_detail(detail: Detail) -> None:
    for payload in PAYLOADS.values():
        backward = recording(payload).backwards[0]
        passed = {gradient.node: gradient for gradient in backward.gradients}
        for box in boxes(backward.graph, passed, len(passed), detail):
            assert not any(unsafe(line.text) for line in box.lines)


async def test_a_file_that_cannot_be_opened(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, pane = Tour(screen, looked), pane_of(screen)
        for kind, payload in PAYLOADS.items():
            name = payload[:200].replace("/", "∕")
            pane.open_subject(Script(Path(name)))
            await screen.until(lambda: pane.refused)
            await tour.see(kind, name, "#source-heading", "#lessons", "#advice")
        assert not tour.wrong


async def test_a_search(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        await screen.press("slash")
        tour = Tour(screen, looked)
        for kind, payload in PAYLOADS.items():
            screen.app.query_one("SearchBar Input", Input).value = payload[:8]
            await tour.see(kind, payload[:8], *typed(payload), "SearchBar .count")
        assert not tour.wrong


async def test_a_session(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        await screen.press("2")
        tour = Tour(screen, looked)
        for kind, payload in PAYLOADS.items():
            await load(screen, session(payload[:40]))
            await tour.see(kind, payload[:40], "#status", "#gradients", "#branches")
            await load(screen, session(payload[:40].replace(" ", "_"), "diverged"))
            await tour.see(kind, payload[:40].replace(" ", "_"), "#status", "#train-stopped")
        assert not tour.wrong


async def test_columns_in_charts(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        await screen.press("3")
        screen.app.query_one(ChartPane).chart = Chart.RESIDUALS
        tour = Tour(screen, looked)
        for kind, payload in PAYLOADS.items():
            given = single(payload[:40])
            await load(screen, given)
            (name,) = given.experiment.branch.run.problem.source.feature_names
            places = ("#chart-left", "#chart-right") if len(name) == cell_len(name) else ()
            await screen.until(lambda: screen.points and not screen.busy)
            await tour.see(kind, name, "#chart-status", *places)
        assert not tour.wrong


async def load(screen: Screen, loaded: Session) -> None:
    before = screen.run
    screen.bench.post_message(SessionLoaded(loaded, None))
    await screen.until(lambda: screen.run is not before and not screen.busy)


async def test_a_prompt(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, every = Tour(screen, looked), " ".join(text[:3] for text in PAYLOADS.values())
        prompt = PromptScreen(every, "hint", lambda text: refuse(ValueError(text)), every)
        screen.app.push_screen(prompt)
        await tour.see("all", every, "Input", ".dialog")
        for kind, payload in PAYLOADS.items():
            prompt.query_one(Input).value = payload[:300]
            screen.send("enter")
            await tour.see(kind, payload[:300], *typed(payload), ".problem")
        assert not tour.wrong


def typed(text: str) -> list[str]:
    """Where what was typed is shown: Textual leaves a bell and the like out of an input."""
    return [] if set("\a\b\v\f\r").intersection(text) else ["Input:focus"]


async def test_branches(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, run = Tour(screen, looked), session("").experiment.branch.run
        named = tuple(Branch(text, run, run) for text in PAYLOADS.values())
        branches = BranchScreen(Experiment(named))
        screen.app.push_screen(branches)
        await screen.pilot.pause()
        for place, (kind, payload) in enumerate(PAYLOADS.items()):
            branches.query_one(OptionList).highlighted = place
            await tour.see(kind, payload, "OptionList")
            branches._try(partial(refuse, BranchError(payload[:300])))
            await tour.see(kind, payload[:300], ".problem")
        assert not tour.wrong


@pytest.mark.parametrize(
    ("dialog", "error"),
    [
        (lambda read: BreakpointScreen((), read), BreakpointError),
        (lambda edit: ExperimentScreen(Problem(), None, edit), ProblemError),
        (lambda read: DataScreen(Problem(), read), ProblemError),
    ],
)
async def test_what_is_wrong_with_what_was_typed(
    open_app: Open,
    looked: Looked,
    dialog: Callable[[Callable[..., NoReturn]], Screen_[object]],
    error: type[ValueError],
) -> None:
    message = ""

    def read(*_: object) -> NoReturn:
        raise error(message)

    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour = Tour(screen, looked)
        screen.app.push_screen(dialog(read))
        for kind, payload in PAYLOADS.items():
            message = payload[:300]
            screen.send("x", "enter")
            await tour.see(kind, payload[:300], ".problem")
        assert not tour.wrong


async def test_what_would_be_learned(open_app: Open, looked: Looked) -> None:
    def read(choice: DataChoice, _go: bool) -> Selection:
        name = choice.path.name
        return Selection((name, "x"), name, ("x",), (), (1, 0))

    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour = Tour(screen, looked)
        screen.app.push_screen(DataScreen(Problem(), read))
        await screen.pilot.pause()
        for kind, payload in PAYLOADS.items():
            name = payload[:50].replace("/", "∕")
            screen.app.screen.query_one("#path", Input).value = name
            await tour.see(kind, f"learns {name}", ".problem")
            await tour.see(kind, name, *typed(payload))
        assert not tour.wrong


def refuse(error: Exception, *_: object) -> NoReturn:
    raise error


async def test_toasts(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, notifications=True, glyph_filter=looked) as screen:
        tour, app = Tour(screen, looked), screen.app
        for kind, payload in PAYLOADS.items():
            title, words = f"title {payload[:9]}", f"words {payload[:300]}"
            app.notify(words, title=title)
            await tour.see(kind, title, "Toast")
            await tour.see(kind, words, "Toast")
            app.clear_notifications()
        assert not tour.wrong


HEAD = "import torch\nx = torch.ones(2, requires_grad=True)\nscope = globals()\n"
ONE_OF = """\
hostile = {payload!r}  # raw: {raw}
print(hostile)
scope[hostile] = x * 3
out = scope[hostile].sum()
out.backward()
"""
TAIL = "raise ValueError(hostile)\n"


def script(folder: Path, payloads: Iterable[str], name: str = "script") -> Script:
    """A file whose text, output, variables, error and perhaps name are hostile."""
    text = HEAD
    for payload in payloads:
        raw = "".join(character for character in payload if len(f"{character}x".splitlines()) == 1)
        text += ONE_OF.format(payload=payload, raw=raw)
    path = folder / f"{name}.py"
    path.write_bytes((text + TAIL).encode("utf-8", "replace"))
    return Script(path)


async def test_a_script(open_app: Open, tmp_path: Path, looked: Looked) -> None:
    async with open_app(
        Problem(), subject=script(tmp_path, PAYLOADS.values()), glyph_filter=looked
    ) as screen:
        shown = screen.app.query_one("#source", SourceView)
        await screen.until(lambda: "hostile" in shown.source)
        await screen.press("c", "l", "escape", "v", "question_mark", "escape")
        await screen.press("N", "up", "S", "left", "N", "N", "N", "N")
    assert not looked.unsafe


async def test_a_file_name(open_app: Open, tmp_path: Path, looked: Looked) -> None:
    name = "".join(
        PAYLOADS[kind] for kind in ("clear screen", "from right to left", "bell and tabs")
    )
    subject = script(tmp_path, ["harmless"], name + PAYLOADS["closing markup"].replace("/", "∕"))
    async with open_app(Problem(), subject=subject, glyph_filter=looked) as screen:
        await screen.press("c", "l", "escape", "N")
    assert not looked.unsafe


@pytest.mark.parametrize("kind", PAYLOADS)
def test_the_glyph_filter_lets_nothing_through(kind: str) -> None:
    payload = PAYLOADS[kind]
    levels: tuple[Level, ...] = ("braille", "block", "ascii")
    for level in levels:
        (seen,) = GlyphFilter(level).apply([Segment(payload)], Color(0, 0, 0))
        assert not unsafe(seen.text)
        assert level != "ascii" or seen.text.isascii()
