"""What there is to say of a recorded script beside its graph: on stderr, or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from engine.plurals import counted
from engine.recording.explanations.explanation import Explanation
from engine.recording.explanations.mistakes import advice, explain_error
from engine.recording.records import Recording
from tui.cli.options.targets import Target
from tui.cli.printing.output import Json, complain
from tui.kit.text import safe

LOOK = 500
"""So many moments at the beginning and at the end are looked at for what there is to say."""
KEPT_LINES = 10
"""Of what a script printed so many lines are shown, from the beginning and from the end."""
KEPT_CHARACTERS = 300
"""Of a printed line so many characters."""
ADVICE_LIMIT = 5
"""At most so many explanations are printed."""
GOOD = ("end", "exit", "running")


@dataclass(frozen=True, slots=True)
class Report:
    """What a command says of one recording."""

    source: Target
    recording: Recording
    notes: Callable[[], tuple[str, ...]]
    """What the reader must know: damage is found only by looking at what is damaged."""

    def located(self) -> str:
        """Return the script's error in one line, with the place at which it was raised."""
        error = self.recording.error
        assert error is not None
        column = f":{error.column}" if error.column is not None else ""
        return f"{self.file_of(error.file)}:{error.line}{column}: {error}"

    def nothing(self, tensor: str | None) -> str:
        """Return what a script does not make, where there is no graph to show."""
        recording = self.recording
        if tensor is not None and len(recording.graphs):
            return f"no graph of a tensor {tensor}"
        if any(recording.moments[at].tensors for at in looked_at(recording)):
            return "no tensor that requires grad, so there is no graph to show"
        return "no tensor, so there is no graph to show"

    def printed(self) -> None:
        """Print on stderr what the script printed, prefixed."""
        for line in output_lines(self.recording):
            print(f"script: {safe(line)}", file=sys.stderr)

    def explained(self) -> None:
        """Print on stderr what there is to explain."""
        for one in explanations(self.recording):
            complain(f"{one.what} {one.why} {one.instead}")

    def ended(self) -> int:
        """Say why the script did not come to its end, where it did not; returns the exit code."""
        recording, error = self.recording, self.recording.error
        if recording.ending == "cancelled" or (error and error.type == KeyboardInterrupt.__name__):
            complain(f"{self.source.path} was interrupted {self._done()}")
            return 130
        said = {
            "bound": f"was stopped {self._done()}, as --limit asks",
            "time": f"was stopped {self._done()}, as --time asks",
            "killed": f"breaks off {self._done()}: the script was killed, or the file is cut",
            "running": f"is still being written: this is how it was {self._done()}",
        }
        if recording.ending in said:
            complain(f"{self.source.path} {said[recording.ending]}")
        elif error is not None:
            for line in error.way:
                complain(f"  {line}")
            complain(self.located())
        return 0 if recording.ending in GOOD and error is None else 1

    def document(self) -> dict[str, Json]:
        """Return all of it for JSON."""
        recording = self.recording
        return {
            "error": self._error(),
            "advice": [_text(one) for one in explanations(recording)],
            "ending": recording.ending,
            "notes": list(self.notes()),
            "output": "\n".join(output_lines(recording)),
        }

    def _error(self) -> Json:
        error = self.recording.error
        if error is None:
            return None
        known = explain_error(self.recording)
        return {
            "type": error.type,
            "message": error.message,
            "file": self.file_of(error.file),
            "line": error.line,
            "column": error.column,
            "way": list(error.way),
            "advice": _text(known) if known else None,
        }

    def file_of(self, index: int) -> str:
        """Return the path or the name of a file of the recording, as one would type it."""
        files = self.recording.files
        if index and index < len(files):
            return files[index].name
        if self.source.kind in ("file", "lesson"):
            return str(self.source.path)
        return files[0].name if files else self.recording.name

    def _done(self) -> str:
        passes, lines = self.recording.passes.count, len(self.recording.moments)
        if passes:
            return f"after {counted(passes, 'pass', 'passes')}"
        return f"after {counted(lines, 'line', 'lines')}"


def explanations(recording: Recording) -> tuple[Explanation, ...]:
    """Return what there is to explain of the run, each thing once, the error that ended it last."""
    found: dict[Explanation, None] = {}
    for at in looked_at(recording):
        found |= dict.fromkeys(advice(recording, at))
    if known := explain_error(recording):
        found.pop(known, None)
        found[known] = None
    return tuple(found)[-ADVICE_LIMIT:]


def output_lines(recording: Recording) -> list[str]:
    """Return what the script printed in lines, those in the middle of much left out."""
    moments = recording.moments
    lines = list(_lines(recording.printed_in(moments[at] for at in looked_at(recording))))
    left = len(lines) - 2 * KEPT_LINES
    if left <= 0:
        return lines
    return [*lines[:KEPT_LINES], f"… {left:,} lines …", *lines[-KEPT_LINES:]]


def looked_at(recording: Recording) -> Iterable[int]:
    """Return the indices of the moments in which there may be something to say."""
    count = len(recording.moments)
    if count <= 2 * LOOK:
        return range(count)
    return (*range(LOOK), *range(count - LOOK, count))


def _lines(text: str) -> Iterator[str]:
    """Lines as a terminal would show them: what a carriage return leads over is gone."""
    for line in text.removesuffix("\n").split("\n") if text else ():
        line = line.rstrip("\r").rpartition("\r")[2]
        cut = len(line) > KEPT_CHARACTERS
        yield f"{line[: KEPT_CHARACTERS - 1]}…" if cut else line


def _text(explanation: Explanation) -> str:
    return f"{explanation.what} {explanation.why} {explanation.instead}"
