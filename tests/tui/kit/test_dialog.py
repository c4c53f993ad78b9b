"""A dialog goes when it is answered, and takes no other one with it."""

from __future__ import annotations

from textual.app import App

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
