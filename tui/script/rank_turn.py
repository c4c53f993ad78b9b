"""Turning from one rank of a run to another, at the same position of both."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tui.script.beside import counterpart
from tui.script.player import Player
from tui.script.position import Position
from tui.script.rank_lens import RankLens
from tui.script.rank_recording import recording_of
from tui.script.same_place import same_place


class Turned(NamedTuple):
    """A player of another rank, and why it is not where the one before was."""

    player: Player
    why: str = ""
    """One sentence; empty where it is at the same position."""


def turned(player: Player, lens: RankLens) -> Turned:
    """Return a player of the rank of a lens, at the same pass, line and node as far as it came."""
    recording = recording_of(lens)
    if recording is None or player.recording is None or not recording.moments:
        why = f"rank {lens.rank:,} has run no line yet"
        return Turned(replace(player, recording=recording, position=Position(), lens=lens), why)
    there = counterpart(player.recording, player.position, recording)
    if there is not None:
        return Turned(replace(player, recording=recording, position=there, lens=lens))
    position = same_place(player, recording)
    other = replace(player, recording=recording, position=position, lens=lens)
    return Turned(other, _why(player, other, lens.rank))


def _why(player: Player, other: Player, rank: int) -> str:
    here, there = player.window, other.window
    if here is None or there is None or there.number >= here.number:
        mine, theirs = player.moment, other.moment
        same = mine is not None and theirs is not None and mine.line == theirs.line
        return "" if same else f"rank {rank:,} did not run this line; this is the nearest before"
    ended = "" if other.recording and other.recording.ending == "running" else ", and has ended"
    return (
        f"rank {rank:,} has not come to pass {here.number:,}{ended}; "
        f"this is its pass {there.number:,}"
    )
