"""Following a script whose process was started before there was an app to show it."""

from __future__ import annotations

from engine.recording.records import Recording
from engine.script.process.subprocess_recorder import BegunScript
from tui.graph.growth import Cancelled, Grown, ScriptRecorder
from tui.graph.loader import Recorders, record_script
from tui.script.subject import Script


def recorders(script: object, begun: BegunScript | None) -> Recorders:
    """Return what records in the app, where a script may have begun."""
    if isinstance(script, Script) and begun is not None:
        return Recorders(script=BegunAhead(script, begun))
    return Recorders()


class BegunAhead:
    """Records scripts, as a `ScriptRecorder`; the one that has begun is not started again."""

    def __init__(
        self, script: Script, begun: BegunScript, record: ScriptRecorder = record_script
    ) -> None:
        self._script, self._record = script, record
        self._begun: BegunScript | None = begun

    def __call__(self, script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        """Follow the script that has begun, the first time that is the one asked for."""
        begun, self._begun = self._begun, None
        if begun is not None and script == self._script:
            return begun.follow(cancelled, grown)
        if begun is not None:
            begun.close()
        return self._record(script, cancelled=cancelled, grown=grown)
