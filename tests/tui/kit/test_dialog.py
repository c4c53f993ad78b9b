"""A dialog goes when it is answered, and takes no other one with it."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.kit.dialog import Dialog


async def test_an_answer_to_a_dialog_behind_another_closes_neither() -> None:
    answers: list[str | None] = []
    behind, front = Dialog[str](), Dialog[str]()
    async with App[None]().run_test() as pilot:
        await pilot.app.push_screen(behind, answers.append)
        await pilot.app.push_screen(front, answers.append)
        behind.dismiss("too early")
        await pilot.pause()
        assert (pilot.app.screen, answers) == (front, [])
        front.dismiss("of the one in front")
        await pilot.pause()
        behind.dismiss("in time")
        await pilot.pause()
        assert answers == ["of the one in front", "in time"]
        assert not isinstance(pilot.app.screen, Dialog)


class Asked(Dialog[str]):
    """Looks for what it was composed of."""

    seen = 0

    def compose(self) -> ComposeResult:
        """Compose a line of text."""
        yield Static("words")

    def action_look(self) -> None:
        """Find the line; raises NoMatches where it is not there."""
        self.query_one(Static).update("seen")
        self.seen += 1


async def test_keys_act_only_while_there_is_something_in_it() -> None:
    asked = Asked()
    async with App[None]().run_test() as pilot:
        pilot.app.push_screen(asked)
        await asked.run_action("look")
        await pilot.pause()
        assert asked.seen == 0, "it was still to come"
        await asked.run_action("look")
        assert asked.seen == 1
        asked.dismiss()
        await pilot.pause()
        assert not asked.query(Static)
        await asked.run_action("look")
        assert asked.seen == 1
