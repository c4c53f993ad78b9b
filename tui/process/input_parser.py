"""What the terminal sends, read so that no bytes can end the app or make it stand still.

Textual's parser raises at sequences that no terminal should send but that some do: an event type
after a modifier, a code that is no character, a size in no pixels. It dies of that, and the app
with it. Of a report that it does not know, and of a paste without brackets, it makes a key a
character, for whatever has the focus; and so it does of every character of an answer to a
question that somebody else has asked.
"""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable, Generator, Iterable
from typing import Any

from textual import _xterm_parser, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._parser import Peek1, Read1
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.geometry import Size
from textual.keys import Keys
from textual.message import Message

Refused = Callable[[Exception, str], object]
"""Takes what was raised, and the sequence that it was raised at."""

LARGEST = 2_000
"""Most columns, or rows, that are believed: to lay out more would take for ever."""
BURST = 128
"""So many characters at once have not been typed."""
PAUSE = 0.2
"""Seconds without a character that end what has not been typed."""
_TYPEABLE = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")

SILENCE = 1.0
"""Seconds without a character in a paste, after which a key that cancels is none of it."""
_CANCELS = ("\x1b", "\x03", "\x1b[27u", "\x1b[99;5u")
"""What escape and ctrl+c send."""
_STRING = re.compile(
    r"\x1b(?:\]\d+;[^\x07\x1b]*(?:\x07|\x1b\\)|(?:P[\d;]*[!$+>=|]|_)[^\x1b]*\x1b\\)"
)
"""An answer of a terminal, as of its colours, perhaps to a program that has ended since."""
_STRING_BEGUN = re.compile(
    r"\x1b(?:\]\d+(?:;[^\x07\x1b]*\x1b?)?|(?:P[\d;]*[!$+>=|]|_G)[^\x1b]*\x1b?)\Z"
)

_WHOLE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_NO_KEYS = (_xterm_parser._re_mouse_event, _xterm_parser._re_terminal_mode_response)
_BEGINNINGS = {"\x1b[M"} | {
    known[:size] for known in ANSI_SEQUENCES_KEYS for size in range(3, len(known))
}
"""Of the keys that have more after what could be the end; `ESC [ M` is that of a mouse report."""


class InputParser(XTermParser):
    """As Textual's, but drops the sequence that it fails at, and takes a burst for a paste."""

    def __init__(self, refused: Refused, debug: bool = False) -> None:
        """`refused` is told of every sequence that was dropped."""
        self._refused = refused
        self._pasting = False
        self._last_characters = ""
        self._burst: list[str] = []
        self._burst_ended = 0.0
        self._string = ""
        self._fed = 0.0
        super().__init__(debug)

    def parse(
        self, token_callback: Callable[[Message], object]
    ) -> Generator[Read1 | Peek1, str, None]:
        """As Textual's, begun anew where it fails: at the character after the sequence."""

        def take(token: Message) -> None:
            if not isinstance(token, events.Resize) or self._believes(token):
                token_callback(token)

        while True:
            try:
                return (yield from super().parse(take))
            except Exception as error:
                self._refused(error, _sequence(error))

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what came in one piece; it may be part of what was pasted without brackets."""
        now, before = time.monotonic(), self._fed
        self._fed = now
        if self._pasting and data in _CANCELS and now - before >= SILENCE:
            data = BRACKETED_PASTE_END + data  # it was cut off
        elif not self._pasting and BRACKETED_PASTE_START not in data:
            data = self._without_strings(data, late=now - before >= PAUSE)
        if data:
            yield from self._parsed(data)

    def _without_strings(self, data: str, *, late: bool) -> str:
        """What is typed; the beginning of a string is kept for the rest of it, unless that is late.

        Alt and a bracket begin one, too: what comes at once with them decides.
        """
        text = _STRING.sub("", data if late else self._string + data)
        begun = _STRING_BEGUN.search(text)
        self._string = begun[0] if begun else ""
        return text.removesuffix(self._string)

    def _parsed(self, data: str) -> Iterable[Message]:
        if self._is_burst(data):
            self._burst.append(data)
            self._burst_ended = time.monotonic() + PAUSE
            return
        yield from self._pasted()
        self._note_brackets(data)
        yield from super().feed(data)

    def tick(self) -> Iterable[Message]:
        """Parse what was waited for in vain: the rest of a sequence, or of a burst."""
        if time.monotonic() >= self._burst_ended:
            yield from self._pasted()
        yield from super().tick()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        """As Textual's; a whole sequence that stands for no key is nothing that was typed."""
        keys = list(super()._sequence_to_key_events(sequence, alt))
        if not keys and _is_unknown(sequence):
            keys = [events.Key(Keys.Ignore, sequence)]
        return keys

    def _is_burst(self, data: str) -> bool:
        """Whether nobody can have typed it; a short rest belongs to what came just before."""
        if self._pasting or self._timeout_time is not None or not _TYPEABLE.fullmatch(data):
            return False
        return bool(self._burst) or len(data) >= BURST

    def _pasted(self) -> Iterable[Message]:
        if self._burst:
            text = "".join(self._burst).replace("\r\n", "\n").replace("\r", "\n")
            self._burst.clear()
            yield events.Paste(text)

    def _note_brackets(self, data: str) -> None:
        seen = self._last_characters + data
        begun, ended = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        if begun != ended:
            self._pasting = begun > ended
        self._last_characters = seen[-len(BRACKETED_PASTE_END) + 1 :]

    def _believes(self, report: events.Resize) -> bool:
        """Whether a terminal can be as large; without pixels, the mouse is reported in cells."""
        believed = _is_possible(report.size, LARGEST)
        pixels = report.pixel_size
        if not believed or pixels is None or not _is_possible(pixels, LARGEST * 100):
            self.terminal_pixel_size = None
        return believed


def _is_unknown(sequence: str) -> bool:
    """Whether it is a whole control sequence, and no beginning of one that Textual knows."""
    if not _WHOLE.fullmatch(sequence) or sequence in _BEGINNINGS:
        return False
    return not any(known.match(sequence) for known in _NO_KEYS)


def _is_possible(size: Size, largest: int) -> bool:
    return 0 < size.width <= largest and 0 < size.height <= largest


def _sequence(error: Exception) -> str:
    """The sequence that the parser had read when it failed."""
    found: Any = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        found = frame.f_locals.get("sequence", found)
    return str(found)
