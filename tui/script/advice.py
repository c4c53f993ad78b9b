"""Paragraphs about a position in a script: errors, silent writes, and how it ended."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from engine.recording.mistakes import Explanation, advice, explain_error
from engine.recording.records import Recording, ScriptError
from engine.script.captured_output import OUTPUT_LIMIT
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.endings import CUT, ENDINGS
from tui.script.position import Position, end, moment_at
from tui.script.windows import LOOK_BACK, SEARCH_LIMIT, total

CARET = 60
"""Characters around an error that is marked in its line."""


class Remark(NamedTuple):
    """What is said of one pass, whatever its lines say."""

    number: int
    paragraph: Paragraph


def replay_remark(number: int, verdict: str, *, same: bool) -> Remark:
    """Return what is said of a pass for which a script was run again."""
    mark = Span("✓ ", "leaf") if same else Span("⚠ ", "warning")
    return Remark(number, (mark, Span(safe(verdict), "advice")))


def lines_remark(number: int, shown: int) -> Remark:
    """Return what is said of a pass that is shown in place of another one, without lines."""
    words = f"pass {number:,} has no lines; this is {shown:,}, the last one before that has"
    return Remark(shown, (Span(f"■ {words}. ", "warning"), Span(f"g {number} records it", "faint")))


def advice_at(
    recording: Recording, position: Position, *, silent: bool = False
) -> tuple[Paragraph, ...]:
    """Return paragraphs about the line executed last, and at the end about the ending.

    `silent`: not that the script still runs, which is said elsewhere.
    """
    paragraphs: list[Paragraph] = []
    moment = moment_at(recording, position)
    if moment is not None and position.nodes is None:
        error = moment.error
        if error is not None and position == end(recording):
            error = recording.error or error  # that says where it was raised, and the way there
        if error is not None:
            paragraphs.append(_error(recording, error))
        paragraphs += map(_explained, advice(recording, position.lines - 1))
    paragraphs += (((Span(f"■ {safe(note)}", "warning"),)) for note in recording.notes)
    if silent and recording.ending == "running":
        pass
    elif position == end(recording):
        paragraphs += _ending(
            recording, error_shown=moment is not None and moment.error is not None
        )
    else:
        paragraphs += _ahead(recording)
    return tuple(paragraphs)


def refusal(reason: str) -> tuple[Paragraph, ...]:
    """Return a paragraph with the reason why a file could not be opened."""
    return ((Span("✗ cannot open: ", "error"), Span(safe(reason), "error")),)


def _ending(recording: Recording, *, error_shown: bool) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    error = recording.error
    if error is not None and not error_shown:
        paragraphs.append(_error(recording, error))
        paragraphs += _caret(_text(recording, error.file), error)

        known = explain_error(recording)
        paragraphs += [_explained(known)] if known else []
    if recording.ending in ENDINGS:
        words = ENDINGS[recording.ending].format(after=_after(recording))
        paragraphs.append((Span(f"■ {words}", "warning"),))
    if _printed(recording) >= OUTPUT_LIMIT:
        much = f"it printed more than {OUTPUT_LIMIT // 1_000_000} MB; the rest of that is dropped"
        paragraphs.append((Span(f"■ {much}", "warning"),))
    if not paragraphs and not recording.graphs:
        moments = recording.moments
        latest = range(max(len(moments) - LOOK_BACK, 0), len(moments))
        tensors = any(moments[index].tensors for index in latest)
        what = "tensor that requires grad" if tensors else "tensor"
        paragraphs.append((Span(f"■ no {what} in this script, so there is no graph", "warning"),))
    return paragraphs


def _ahead(recording: Recording) -> list[Paragraph]:
    """That a script does not come to its end, for who looks at an earlier position."""
    if recording.error is not None:
        where = f"✗ further on, {_place(recording, recording.error)}: "
        message = Span(safe(str(recording.error)), "error")
        return [(Span(where, "error"), message, Span("   c goes there", "faint"))]
    if recording.ending in CUT:
        words = CUT[recording.ending].format(after=_after(recording))
        return [(Span(f"■ further on: {words}", "warning"),)]
    return []


def _after(recording: Recording) -> str:
    """The pass after which nothing more came."""
    passes = total(recording)
    return f" after pass {passes - 1:,}" if passes else ""


def _printed(recording: Recording) -> int:
    """How much was printed, as far as that is known without reading all of a long recording."""
    moments = recording.moments
    texts = [recording.trailing_output]
    if len(moments) <= SEARCH_LIMIT:
        texts += (moments[index].output for index in range(len(moments)))
    return sum(len(text.encode(errors="replace")) for text in texts)


def _text(recording: Recording, file: int) -> str:
    return recording.files[file].text if file < len(recording.files) else recording.source


def _caret(source: str, error: ScriptError) -> list[Paragraph]:
    """The column of the line that Python could not read, where it is known."""
    lines = source.splitlines()
    if error.column is None or not 0 < error.line <= len(lines):
        return []
    start = max(error.column - 1 - CARET // 2, 0)
    line = lines[error.line - 1]
    before, after = safe(line[start : error.column - 1]), safe(line[error.column - 1 :][:CARET])
    return [
        (Span(f"  {before}{after}", "code"),),
        (Span(f"  {' ' * cell_len(before)}^", "error"),),
    ]


def _error(recording: Recording, error: ScriptError) -> Paragraph:
    """What was raised, where that is another file or column, and the way there."""
    where = _place(recording, error) if error.file or error.column is not None else ""
    lines = [Span(f"✗ {safe(str(error))}", "error"), Span(f"   {where}" if where else "", "faint")]
    if error.way:
        way = " › ".join(one.strip() for one in error.way)
        lines.append(Span(f"\nfrom {safe(way)}", "faint"))
    return tuple(lines)


def _place(recording: Recording, error: ScriptError) -> str:
    column = "" if error.column is None else f", column {error.column}"
    if 0 < error.file < len(recording.files):
        return f"{safe(recording.files[error.file].name)}, line {error.line}{column}"
    return f"line {error.line}{column}"


def _explained(explanation: Explanation) -> Paragraph:
    return (
        Span("⚠ ", "warning"),
        Span(safe(explanation.what), "title"),
        Span(f" {safe(explanation.why)}", "advice"),
        Span(f"\n→ {safe(explanation.instead)}", "leaf"),
    )
