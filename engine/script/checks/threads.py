"""A thread of the script that an error has ended, which the script itself need not notice."""

from __future__ import annotations

from engine.script.checks.run_so_far import RunSoFar, harmless
from engine.script.checks.words import Words
from engine.script.frames.script_errors import script_error

SHOWN = 120
"""Of an error's text so many characters are quoted."""


class ThreadChecks:
    """Is told of every error that no line of a thread has caught."""

    def __init__(self, run: RunSoFar) -> None:
        self.run = run

    @harmless
    def raised(self, error: BaseException) -> None:
        """Say where it was raised; one of no line of the user's own is only noted."""
        places = self.run.places
        record = script_error(error, places.files, "")
        said = " ".join(str(record).split()).removesuffix(".")
        said = f"{said[: SHOWN - 1]}…" if len(said) > SHOWN else said
        if not record.way:
            self.run.journal.note(f"a thread of the script was ended by {said}")
            return
        words = Words(
            f"A thread was ended by {said}.",
            "What a thread does not catch ends the thread alone: the script goes on without it, "
            "and its exit code does not tell.",
            "Catch it there, or start the thread by a ThreadPoolExecutor: `result()` raises it "
            "where it is waited for.",
            places.of(record.line, record.file),
        )
        self.run.add([words.finding("thread")])
