"""What is open, and where one is in it, whatever the threads that record post."""

from __future__ import annotations

from engine.script.recorder import record_source
from tui.graph.messages import ScriptRecorded
from tui.graph.subjects.loader import Loader
from tui.graph.subjects.opener import Opener
from tui.script.player import Player
from tui.script.position import Position

WHOLE = record_source("x = 1\ny = 2\nz = 3\n", "lesson")
BROKEN_OFF = record_source("x = 1\n", "lesson")


def test_one_is_never_behind_the_end_of_what_is_shown() -> None:
    opener = Opener(Loader(lambda _: None, lambda _: None), lambda _: None, lambda _: None)
    opener.turn_to("backward", Player(WHOLE, Position(3)), original=None)
    opener.take(ScriptRecorded("backward", WHOLE))
    assert opener.state.player.position == Position(3), "who has moved stays where he is"
    opener.take(ScriptRecorded("backward", BROKEN_OFF))
    assert opener.state.player.recording is BROKEN_OFF
    assert opener.state.player.position == Position()
