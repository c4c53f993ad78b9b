"""Opening subjects in the Graph tab, and taking what the threads that record them post.

`Opener` is to the Graph tab what `Trainer` is to the shared run: a plain object that owns the
state and is told what to do with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.lessons import Lesson, find
from engine.recording.records import Recording
from tui.graph.messages import (
    PassReplayed,
    RanksGrown,
    RanksRecorded,
    RecordingMessage,
    ReplayAdvanced,
    ReplayFailed,
    ScriptBegun,
    ScriptGrown,
    ScriptRecorded,
    ScriptRefused,
)
from tui.graph.subjects.lesson_list import YOUR_RUN
from tui.graph.subjects.loader import Loader
from tui.graph.subjects.opened import Opened
from tui.run.iteration import Inside
from tui.script.advice import rank_remark, refusal, replay_remark
from tui.script.breakpoints import Breakpoints
from tui.script.player import Player
from tui.script.position import Position, in_pass
from tui.script.rank_lens import OF_RANKS, RankLens, SeenRun
from tui.script.rank_recording import recording_of
from tui.script.rank_turn import turned
from tui.script.replay import again
from tui.script.same_place import same_place
from tui.script.subject import SavedRun, Script, Start, Subject

MOVED = Position(-1)
"""Nowhere that one goes by itself."""


class Opener:
    """Owns what is open; all methods are for the UI thread.

    `show` is given every new state, `warn` one line about a replay that came to nothing.
    """

    def __init__(
        self,
        loader: Loader,
        show: Callable[[Opened], None],
        warn: Callable[[str], None],
        subject: Start | None = None,
    ) -> None:
        self.loader = loader
        self.state = Opened()
        self._show, self._warn = show, warn
        self._ready = False
        """Whether torch has been imported."""
        self._inside: Inside | None = None
        """The shared run's iteration; shown where YOUR_RUN is open."""
        self._kept: dict[str, Breakpoints] = {}
        """Breakpoints of what was open before, by its key."""
        self._placed: Position | None = None
        """Where it went by itself; from there the user has not moved while he is there."""
        self._turning: tuple[Player, Position] | None = None
        """The player from which the ranks have been turned, and where that has led last."""
        if subject is not None:
            self.state = Opened(subject.key)
            if not isinstance(subject, Lesson):
                loader.add(subject)
        self.state = replace(self.state, waiting=self._waiting(self.state.key))

    @property
    def subject(self) -> Subject | None:
        """What is open, where it is the user's own."""
        return self.loader.subject(self.state.key)

    @property
    def title(self) -> str:
        """The title of what is open; it may hold control characters."""
        return self.loader.title(self.state.key)

    def change(self, **fields: Any) -> None:
        """Replace fields of the state, and show it."""
        self.state = replace(self.state, **fields)
        self._show(self.state)

    def go(self, player: Player) -> None:
        """Show another position, recording or breakpoints."""
        self.change(player=player)

    def begin(self) -> None:
        """Record what is open if it is a file: that needs no torch but its own."""
        if not self.loader.needs_torch(self.state.key):
            self.open(self.state.key)

    def torch_loaded(self) -> None:
        """Record what is open if it has waited for torch."""
        self._ready = True
        if self.loader.needs_torch(self.state.key):
            self.open(self.state.key)

    def open(self, key: str) -> None:
        """Record the lesson or subject of a key, or show the shared run.

        Nothing plays then, and the breakpoints are those it had when it was left.
        """
        player = self.state.player
        if key != self.state.key:
            self._kept[self.state.key] = player.breakpoints
            player = replace(player, breakpoints=self._kept.get(key, Breakpoints()))
        player = replace(player, beside=None, lens=None)
        self.loader.drop()
        self._placed = self._turning = None
        saved, waiting = isinstance(self.subject, SavedRun), self._waiting(key)
        if saved or waiting:
            player = replace(player, recording=None)
        self.state = Opened(key, player, waiting=waiting)
        self._show(self.state)
        if saved:
            self.loader.release()
        if key == YOUR_RUN:
            self._take_run()
        elif self._ready or not self.loader.needs_torch(key):
            self.loader.record(key)

    def open_subject(self, subject: Subject) -> None:
        """Record a file or a live tensor of the user's own."""
        self.loader.add(subject)
        self.open(subject.key)

    def open_version(self, version: Script, original: Player) -> None:
        """Record a changed text of what is open, and go to where its original stands.

        What is on the screen stays there until there is something of the version.
        """
        self.loader.add(version)
        self.turn_to(version.key, replace(self.state.player, beside=None), original)
        self._placed = None
        self.loader.record(version.key)

    def see(self, lens: RankLens) -> None:
        """Show another rank of the run, where this one is, as far as it has come there."""
        here = self.state.player
        start = here
        if self._turning is not None and self._turning[1] == here.position:
            start = self._turning[0]
        player, why = turned(start, lens)
        self._turning = start, player.position
        if self._placed == here.position:
            self._placed = player.position
        number = player.window.number if player.window else 0
        self.change(player=player, remark=rank_remark(number, why) if why else None)

    def turn_to(self, key: str, player: Player, original: Player | None) -> None:
        """Show what has been recorded already: a version with its original, or that itself."""
        self.loader.drop()
        self._placed = MOVED
        self.state = Opened(key, player, original=original)
        self._show(self.state)

    def interrupt(self) -> bool:
        """Stop playing and recording; return whether either went on."""
        state = self.state
        self.loader.cancel()
        self.change(playing=False, replaying="")
        return bool(state.playing or state.awaited or state.replaying)

    def show_run(self, inside: Inside | None) -> None:
        """Show where the shared run is, if that is what is open."""
        if inside is not self._inside:
            self._inside = inside
            if self.state.key == YOUR_RUN:
                self._take_run()

    def again(self, number: int) -> Script:
        """Return what would record a pass; raises ValueError where nothing can."""
        return again(self.subject, self.loader.head(), number)

    def replay(self, script: Script, number: int) -> None:
        """Run a script again, and show a pass of it as soon as it has come there."""
        state = self.state
        shown = state.original if state.supposed else None
        recording = (shown or state.player).recording
        if recording is not None:
            self.change(awaited="", replaying=f"runs again for pass {number:,} …")
            if script.key != self.state.key:
                self.loader.add(script)
            self.loader.replay(script, number, recording.passes)

    def take(self, message: RecordingMessage) -> None:
        """Show what a thread has posted, if it is of what is open or of its replay."""
        match message:
            case ReplayAdvanced() | PassReplayed() | ReplayFailed():
                if self.state.replaying:
                    self._take_replay(message)
            case _ if message.key != self.state.key or self.state.supposed:
                pass  # what is shown with a change has messages of its own
            case ScriptBegun():
                player = self.state.player
                if self.state.original is None:
                    player = replace(player, recording=None)
                self.change(awaited=message.source, player=player)
            case ScriptRefused():
                player = replace(self.state.player, recording=None)
                self.change(awaited="", refused=refusal(message.reason), player=player)
            case ScriptGrown(recording=recording):
                if recording.moments or not self.state.awaited:
                    self.change(player=self._placed_in(recording))
            case ScriptRecorded():
                self.change(awaited="", player=self._placed_in(message.recording))
            case RanksGrown(seen=seen) | RanksRecorded(seen=seen):
                self._take_ranks(seen)

    def _waiting(self, key: str) -> str:
        """Return the text of a lesson that cannot be recorded yet; empty for all else."""
        lesson = None if self._ready else find(key)
        return lesson.path.read_text(encoding="utf-8") if lesson else ""

    def _placed_in(self, recording: Recording) -> Player:
        """Return a player where there is most to see, or where the user has gone meanwhile.

        A recording that has not come so far is another one than that in which he has gone there.
        """
        player = self.state.player
        position = player.position
        if self._placed in (None, position) or position.lines > len(recording.moments):
            original = self.state.original
            if original is None:
                position = self.loader.first_position(self.state.key, recording)
            else:
                position = same_place(original, recording)
            self._placed = position
        return replace(player, recording=recording, position=position)

    def _take_ranks(self, seen: SeenRun) -> None:
        """Show the rank that is shown as far as it has come, and say at once what has stopped."""
        before = self.state.player.lens
        lens = (before or RankLens(seen.run, 0)).over(seen)
        known = {(fault.kind, fault.ranks) for fault in before.faults} if before else set()
        recording = recording_of(lens)
        if recording is not None:
            self.change(player=replace(self._placed_in(recording), lens=lens))
        if before is not None:
            for fault in seen.faults:
                if fault.kind in OF_RANKS and (fault.kind, fault.ranks) not in known:
                    self._warn(fault.what)

    def _take_run(self) -> None:
        if self._inside is not None:
            recording, position = self._inside.traced.recording, self._inside.position
            self.go(replace(self.state.player, recording=recording, position=position))

    def _take_replay(self, message: RecordingMessage) -> None:
        match message:
            case ReplayAdvanced(passes=passes):
                self.change(replaying=f"runs again, pass {passes:,} …  escape stops it")
            case ReplayFailed(reason=reason):
                self.change(replaying="")
                self._warn(reason)
            case PassReplayed():
                self._show_replayed(message)

    def _show_replayed(self, message: PassReplayed) -> None:
        """Show the run anew; that of a file is open from now on instead of the file."""
        before, recording = self.state, message.recording
        breakpoints = before.player.breakpoints
        self._placed = MOVED
        self.change(
            key=message.key,
            replaying="",
            original=None if before.supposed else before.original,
            supposed=None,
            remark=replay_remark(message.number, message.verdict, same=message.same),
            player=Player(recording, in_pass(recording, message.number), breakpoints),
        )
        if message.key != before.key:
            self._kept[before.key] = breakpoints
            self.loader.release()
