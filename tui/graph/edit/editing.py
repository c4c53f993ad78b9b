"""Changing what is open in the Graph tab: the editor, own versions, and the way back.

`Editing` is a plain object, owned by the pane, which hands it keys and messages. What is changed
is run as a script in a process of its own, in its original's folder and with its arguments.
"""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import replace
from functools import partial

from textual.widget import Widget

from engine import atomic_files
from engine.recording.differences import line_pairs
from engine.recording.records import Recording
from engine.sessions.own_versions import OwnVersions
from tui.graph.edit.changeable import recorded, text_of, version_of
from tui.graph.edit.editor import Editor, EditorPane
from tui.graph.edit.syntax_check import problem_in
from tui.graph.subjects.opener import Opener
from tui.kit.text import safe
from tui.script.player import Player
from tui.script.same_place import same_place
from tui.script.subject import Script

EDITS = "-editing"
"""The class of the pane while the editor is open."""


class Editing:
    """Owns the versions of what is open, and which of them is on the screen.

    `pane` is the widget around the graph; `host` the one that shows the source, below which the
    editor is mounted.
    """

    def __init__(
        self, opener: Opener, pane: Widget, host: Widget, versions: OwnVersions | None = None
    ) -> None:
        self._opener, self._pane, self._host = opener, pane, host
        self.versions = versions or OwnVersions()
        self._bases: dict[str, str] = {}
        """The key of what was changed, by that of the version."""
        self._seen: dict[str, tuple[str, Player]] = {}
        """The key and player of what was changed and was on the screen last, by its base's key.

        A what-if changes nothing but what is recorded, and has its base's own key.
        """
        self._wanted: tuple[str, Recording | None] | None = None
        """The base of the version that is to be opened as soon as that is recorded anew."""
        self._editor: Editor | None = None
        """As soon as it has been asked for."""
        self._asked = ""
        """The base of what stands in the editor."""

    @property
    def base(self) -> str:
        """The key of what is open, or of what it is a version of."""
        key = self._opener.state.key
        return self._bases.get(key, key)

    @property
    def original(self) -> Player:
        """What is open as it was before it was changed."""
        state = self._opener.state
        return state.player if state.original is None else state.original

    @property
    def shows_original(self) -> bool:
        """Whether nothing that is changed is on the screen."""
        return self._opener.state.original is None

    def base_of(self, key: str) -> str:
        """Return the key of what a version, by its key, is a version of."""
        return self._bases[key]

    def is_version(self, key: str) -> bool:
        """Whether a key is that of a version."""
        return key in self._bases

    @property
    def has_changed(self) -> bool:
        """Whether the original is on the screen, and what was made of it a key away."""
        return self.shows_original and self._opener.state.key in self._seen

    def title(self, base: str) -> str:
        """Return what a version of this is called; it may hold control characters."""
        script = self._version(base)
        return script.title if script else base

    def begin(self, *, whole: bool) -> None:
        """Open the editor at the current line, or for the `whole` text at its first."""
        if self._pane.has_class(EDITS):
            if self._editor is not None:
                self._pane.screen.set_focus(self._editor)
            return
        base, loader = self.base, self._opener.loader
        try:
            original = text_of(base, loader.subject(base), self.original.recording)
        except ValueError as why:
            self._say(str(why))
            return
        loader.get_ready()
        self._asked = base
        text = self.versions.text(self._asked)
        text = original if text is None else text
        player = self._opener.state.player
        here = player.current_line or player.executed_line or 1
        if player.file:
            self._say(f"{_file(player)} is only shown: this is the script that imports it")
            here = 1
        shown = player.source
        line = 1 if whole else line_pairs(shown, text).get(here, here)
        self._pane.add_class(EDITS)
        self._pane.set_class(whole, "-whole")
        title = safe(self.title(base))
        # A function: a coroutine would be left behind where the app is closed before it begins.
        mounted = partial(self._mounted, title, text, original, line)
        self._pane.run_worker(mounted, group="editor")  # type: ignore[arg-type]

    async def _mounted(self, title: str, text: str, original: str, line: int) -> None:
        if self._editor is None:
            await self._host.mount(EditorPane(), before=0)
        around = self._host.query_one(EditorPane)
        self._editor = around.editor
        if self._pane.has_class(EDITS):
            around.begin(title, text, original, line)

    async def run(self, text: str) -> None:
        """Run a text unless Python cannot read it, which is said at its line."""
        problem = await to_thread(problem_in, text)
        if self._editor is None or not self._pane.has_class(EDITS):
            return
        if problem is not None:
            self._editor.say(problem)
            return
        self._keep(text)
        self._close()
        if self.versions.text(self._asked) is None:
            self._to_original()
        else:
            self._open(text)

    def leave(self, text: str) -> None:
        """Close the editor; the text is kept."""
        had = self.versions.text(self._asked)
        self._keep(text)
        self._close()
        if self.versions.text(self._asked) not in (None, had):
            self._say(f"kept as {self.title(self._asked)}, not run")

    def leave_editor(self) -> bool:
        """Close the editor, if it is open, and keep its text; return whether it was open."""
        if self._editor is None or not self._pane.has_class(EDITS):
            return False
        self.leave(self._editor.content)
        return True

    def toggle(self) -> None:
        """Show the original in place of what is changed, or that in place of the original."""
        state, base = self._opener.state, self.base
        text, seen = self.versions.text(base), self._seen.get(base)
        if state.awaited:
            self._say("it still runs: escape stops it")
        elif state.original is not None:
            self._to_original()
        elif seen is not None and (seen[0] == base or self._is_of(seen[0], text)):
            self._to_changed(*seen)
        elif text is None:
            self._say("nothing is changed here: enter changes it")
        elif state.recording is not None:
            self._open(text)

    def open_version(self, base: str) -> None:
        """Run the version of a lesson or script, once that itself is recorded to compare with."""
        if base != self.base:
            self._wanted = base, self._opener.state.recording
            self._opener.open(base)
        elif self._opener.state.original is None:
            self.toggle()

    def follow(self) -> None:
        """Leave the editor where something else is open; open the version that waits, if any."""
        if self.base != self._asked:
            self.leave_editor()
        if self._wanted is None:
            return
        (base, before), state = self._wanted, self._opener.state
        if state.key != base:
            self._wanted = None
        elif state.recording not in (None, before) and not state.awaited:
            self._wanted = None
            text = self.versions.text(base)
            if text is not None:
                self._open(text)

    def own(self, keys: list[str]) -> list[str]:
        """Return which of the keys, and of what is open, have a version."""
        keys = list(dict.fromkeys([self.base, *keys]))
        return [key for key in keys if self.versions.text(key) is not None]

    def close(self) -> None:
        """Keep what stands in the editor: the program ends."""
        if self._editor is not None and self._pane.has_class(EDITS):
            self._keep(self._editor.content, later=False)

    def _version(self, base: str) -> Script | None:
        """What runs a version of this, yet without text; None where it cannot be changed."""
        return version_of(base, self._opener.loader.subject(base))

    def _keep(self, text: str, *, later: bool = True) -> None:
        """Keep a text as the version of what was asked for; the original's is none."""
        key = self._asked
        kept = None if self._editor and text == self._editor.original else text
        if self.versions.text(key) == kept:
            return
        self.versions.keep(key, kept)
        if later:
            self._pane.run_worker(lambda: self._save(key), thread=True, group="versions")
        else:
            self._save(key)

    def _save(self, key: str) -> None:
        try:
            self.versions.save(key)
        except (atomic_files.FileError, OSError) as error:
            self._say(f"your version is kept until you quit: {error}", "warning")

    def _close(self) -> None:
        self._pane.remove_class(EDITS, "-whole")
        self._pane.screen.set_focus(self._pane)

    def _open(self, text: str) -> None:
        """Run a version, and go to where one is now."""
        base, state, original = self.base, self._opener.state, self.original
        script = self._version(base)
        if script is None or original.recording is None:
            return
        if not recorded(script, original.recording):
            self._wanted = base, original.recording
            return
        script = replace(script, source=text)
        self._bases[script.key] = base
        if state.recording is not None:
            original = original.at(same_place(state.player, original.recording))
        self._opener.open_version(script, original)

    def _is_of(self, key: str, text: str | None) -> bool:
        """Whether the version of a key was run with this text."""
        subject = self._opener.loader.subject(key)
        return text is not None and isinstance(subject, Script) and subject.source == text

    def _to_original(self) -> None:
        state = self._opener.state
        original = state.original
        if original is None or original.recording is None:
            return
        self._seen[self.base] = state.key, state.player
        there = original.at(same_place(state.player, original.recording))
        self._opener.turn_to(self.base, there, None)

    def _to_changed(self, key: str, player: Player) -> None:
        state = self._opener.state
        script = self._version(self.base)
        if script is not None and not recorded(script, state.recording):
            self._say("it is not recorded yet")
        elif player.recording is not None:
            there = player.at(same_place(state.player, player.recording))
            self._opener.turn_to(key, there, state.player)

    def _say(self, line: str, severity: str = "information") -> None:
        self._pane.app.notify(line, severity="warning" if severity == "warning" else "information")


def _file(player: Player) -> str:
    """The name of the file that is shown."""
    return player.recording.files[player.file].name if player.recording else ""
