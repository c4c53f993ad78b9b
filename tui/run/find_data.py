"""Asking for the data that a run cannot go on without, until they are there."""

from __future__ import annotations

from textual.app import App

from tui.kit.file_path import file_path
from tui.kit.prompt import PromptScreen
from tui.kit.question import QuestionScreen
from tui.kit.text import safe
from tui.run import other_data
from tui.run.messages import TrainingFinished
from tui.run.trainer import Trainer

UNTIL_THEN = "Until they are found the run can only be looked at."


async def find_data(app: App[None], trainer: Trainer, typed: str = "", refused: str = "") -> None:
    """Ask for the file; what was `typed` before was `refused` for that reason. In a worker.

    The same file is taken for all branches that use it. Another one can be started anew on.
    """
    looking = trainer.state.only_looking
    if looking is None or looking.lost is None:
        return
    about = safe(refused or f"{looking.whole}. {UNTIL_THEN}")
    prompt = PromptScreen(
        "where are the data?", "a CSV file", file_path, typed or looking.lost.path, about
    )
    answer = await app.push_screen_wait(prompt)
    if answer:
        other_data.find_data(
            trainer,
            file_path(answer),
            lambda message: app.run_worker(_ask_on(app, trainer, answer, message)),
        )


async def _ask_on(app: App[None], trainer: Trainer, typed: str, message: TrainingFinished) -> None:
    """Start anew on other data, if that is wanted; otherwise ask for the file again."""
    failure = message.failure or ""
    if message.other is None:
        await find_data(app, trainer, typed, failure)
        return
    words = f"{failure}. What was trained stays as it is, on its own branch."
    question = QuestionScreen("start anew on it?", words, "starts a branch", "asks again")
    if await app.push_screen_wait(question):
        other_data.start_on(trainer, message.other)
    else:
        await find_data(app, trainer, typed, failure)
