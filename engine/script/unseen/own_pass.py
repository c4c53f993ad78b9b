"""The pass that a script asked for, in the middle of all that is looked at around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.script.unseen.our_frames import calls_the_script
from engine.untraced import untraced


class OwnPass:
    """The script's own pass, run once however our look at it goes, with its result or error."""

    def __init__(self, run: Callable[[], Any], ours: untraced) -> None:
        """`ours` is entered: the pass is traced in the middle of it."""
        self._run = run
        self._ours = ours
        self._result: list[Any] = []
        self.error: BaseException | None = None
        """What it has raised."""

    @calls_the_script
    def __call__(self) -> None:
        """Run it, traced as the script is; raises what it raises."""
        self._ours.end()
        try:
            self._result.append(self._run())
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._ours.begin()

    def outcome(self) -> Any:
        """What the pass gave back, run now where that has not been; raises what it raised."""
        if self.error is not None:
            raise self.error
        if not self._result:
            self._result.append(self._run())
        return self._result[0]
