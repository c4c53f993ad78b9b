"""What Ctrl+C does: copy what is selected, else pause what runs, else ask whether to quit."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App
from textual.widgets import Input

from tui.kit.question import QuestionScreen


def interrupt(app: App[None], pause: Callable[[], bool], leave: Callable[[], None]) -> None:
    """Do what Ctrl+C does on the screen that is shown; at the question itself it quits.

    `pause` stops whatever runs and returns whether anything did; `leave` ends the app.
    """
    focused = app.focused
    if isinstance(focused, Input) and focused.selected_text:
        focused.action_copy()
    elif app.screen.get_selected_text():
        app.screen.action_copy_text()
    elif isinstance(app.screen, QuestionScreen) and app.screen.quits:
        app.screen.dismiss(True)
    elif not pause():

        def answered(wanted: bool | None) -> None:
            if wanted:
                leave()

        question = QuestionScreen("quit?", "Nothing is running.", "quits", "stays", quits=True)
        app.push_screen(question, answered)
