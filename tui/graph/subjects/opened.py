"""What is open in the Graph tab, as one record: everything its widgets show follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.recording.records import Recording
from tui.graph.subjects.lesson_list import FIRST
from tui.graph.what_if.supposition import Supposition
from tui.kit.paragraphs import Paragraph
from tui.script.advice import Remark
from tui.script.player import Player


@dataclass(frozen=True)
class Opened:
    """A lesson, a subject of the user's own, or the shared run, and where one is in it."""

    key: str = FIRST
    """A lesson's, a subject's, or YOUR_RUN."""
    player: Player = field(default_factory=Player)
    """The recording on the screen, and the position in it."""
    playing: bool = False
    """Whether it steps by itself."""
    awaited: str = ""
    """The source text that is being recorded; empty where none is."""
    waiting: str = ""
    """The text of a lesson that is recorded as soon as torch has been imported."""
    replaying: str = ""
    """How far the script that runs again has come; empty where none does."""
    refused: tuple[Paragraph, ...] = ()
    """Why the last file could not be opened."""
    remark: Remark | None = None
    """What is said of one pass, besides what its lines say."""
    original: Player | None = None
    """What was open before it was changed, by an edit or a what-if; one key away."""
    supposed: Supposition | None = None
    """What is changed in the recording on the screen, of which the original is kept."""

    @property
    def recording(self) -> Recording | None:
        """The recording on the screen; None before the first, and while a file is recorded."""
        return self.player.recording

    def titled(self, title: str) -> str:
        """Return a title with what is supposed."""
        return f"{title} · {self.supposed.words}" if self.supposed else title
