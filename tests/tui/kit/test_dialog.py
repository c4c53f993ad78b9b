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

    def compose(self) -> ComposeResult:
        """Compose a line of text."""
        yield Static("words")

    def action_look(self) -> None:
        """Find the line; raises NoMatches once it has gone."""
        self.query_one(Static).update("seen")


async def test_keys_that_come_with_the_answer_find_nothing_to_act_on() -> None:
    asked = Asked()
    async with App[None]().run_test() as pilot:
        await pilot.app.push_screen(asked)
        await asked.run_action("look")
        asked.dismiss()
        await pilot.pause()
        assert not asked.query(Static)
        await asked.run_action("look")
