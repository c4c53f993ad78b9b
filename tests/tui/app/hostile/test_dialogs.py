"""Hostile text in dialogs and toasts: what they say, and what is typed into them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NoReturn

import pytest
from textual.screen import Screen as Screen_
from textual.widgets import Input, OptionList

from engine.data.column_choice import Selection
from engine.data.source import ProblemError
from engine.training.branches import Branch, BranchError, Experiment
from engine.training.breakpoints import BreakpointError
from engine.training.problem import Problem
from tests.hostile import PAYLOADS
from tests.tui.app.hostile.conftest import ROOMY, Looked, Tour, typed
from tests.tui.conftest import Open
from tests.tui.hostile_records import session
from tui.kit.prompt import PromptScreen
from tui.run.branches_dialog import BranchScreen
from tui.run.breakpoints_dialog import BreakpointScreen
from tui.run.data_dialog import DataScreen
from tui.run.data_form import DataChoice
from tui.run.setup_dialog import ExperimentScreen
from tui.run.theories import Theories


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


async def test_branches(open_app: Open, looked: Looked) -> None:
    async with open_app(size=ROOMY, glyph_filter=looked) as screen:
        tour, run = Tour(screen, looked), session("").experiment.branch.run
        named = tuple(Branch(text, run, run) for text in PAYLOADS.values())
        branches = BranchScreen(Experiment(named), Theories())
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
