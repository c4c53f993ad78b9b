"""The source text of what runs in a frame: of a call its expression, not its line."""

from __future__ import annotations

from types import CodeType, FrameType

from engine.script.frames.own_files import OwnFiles
from engine.script.frames.positions import position_of


class Expressions:
    """Found once for each instruction of the user's own files."""

    def __init__(self, files: OwnFiles) -> None:
        self._files = files
        self._known: dict[tuple[int, int], tuple[CodeType, str | None]] = {}
        """By the `id` of a code, which is kept, and the place of an instruction in it."""

    def nearest(self, frame: FrameType | None) -> str | None:
        """The text that runs in the nearest frame of the user's own; None without one."""
        own = self._files.nearest(frame)
        if own is None:
            return None
        return self.of(own, self._files.index(own.f_code.co_filename) or 0)

    def of(self, frame: FrameType, file: int) -> str | None:
        """The text that runs in a frame of a file of the user's own; None where none is known."""
        key = id(frame.f_code), frame.f_lasti
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = frame.f_code, self._written(frame, file)
        return known[1]

    def _written(self, frame: FrameType, file: int) -> str | None:
        first, last, start, end = position_of(frame.f_code, frame.f_lasti)
        if first is None or last is None or start is None or end is None:
            return None
        lines = [line.encode() for line in self._files.lines(file)[first - 1 : last]]
        if not lines:
            return None
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return " ".join(line.decode(errors="replace").strip() for line in lines)
