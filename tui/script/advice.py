"""Paragraphs about a position in a script: errors, silent writes, and how it ended."""

from __future__ import annotations

from rich.cells import cell_len

from engine.recording.mistakes import Explanation, advice, explain
from engine.recording.records import Recording, ScriptError
from engine.script.captured_output import OUTPUT_LIMIT
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.position import Position, end, moment_at

ENDINGS = {
    "exit": "the script ended itself here",
    "bound": "stopped here: the script runs more lines than are recorded; these stay",
    "cancelled": "cancelled here; what was recorded stays",
    "time": "stopped here: the script took too long; what was recorded stays",
}
CUT = {
    "bound": "stopped, since the script runs more lines than are recorded",
    "cancelled": "cancelled",
    "time": "stopped, since the script took too long",
}
"""The same endings, read at an earlier position."""
CARET = 60
"""Characters around an error that is marked in its line."""


def advice_at(recording: Recording, position: Position) -> tuple[Paragraph, ...]:
    """Return paragraphs about the line executed last, and at the end about the ending."""
    paragraphs: list[Paragraph] = []
    moment = moment_at(recording, position)
    if moment is not None and position.nodes is None:
        if moment.error is not None:
            paragraphs.append(_error(moment.error))

        paragraphs += map(_explained, advice(recording, position.lines - 1))
    if position == end(recording):
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
        paragraphs.append(_error(error))
        paragraphs += _caret(recording.source, error)

        known = explain(error.type, error.message)
        paragraphs += [_explained(known)] if known else []
    if recording.ending in ENDINGS:
        paragraphs.append((Span(f"■ {ENDINGS[recording.ending]}", "warning"),))
    if len(recording.output.encode(errors="replace")) >= OUTPUT_LIMIT:
        much = f"it printed more than {OUTPUT_LIMIT // 1_000_000} MB; the rest of that is dropped"
        paragraphs.append((Span(f"■ {much}", "warning"),))
    if not paragraphs and not recording.graphs:
        tensors = any(moment.tensors for moment in recording.moments)
        what = "tensor that requires grad" if tensors else "tensor"
        paragraphs.append((Span(f"■ no {what} in this script, so there is no graph", "warning"),))
    return paragraphs


def _ahead(recording: Recording) -> list[Paragraph]:
    """That a script does not come to its end, for who looks at an earlier position."""
    if recording.error is not None:
        words = (Span(f"✗ further on, line {recording.error.line}: ", "error"),)
        return [
            (*words, Span(safe(str(recording.error)), "error"), Span("   c goes there", "faint"))
        ]
    if recording.ending in CUT:
        return [(Span(f"■ further on: {CUT[recording.ending]}", "warning"),)]
    return []


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


def _error(error: ScriptError) -> Paragraph:
    where = "" if error.column is None else f"   line {error.line}, column {error.column}"
    return (Span(f"✗ {safe(str(error))}", "error"), Span(where, "faint"))


def _explained(explanation: Explanation) -> Paragraph:
    return (
        Span("⚠ ", "warning"),
        Span(safe(explanation.what), "title"),
        Span(f" {safe(explanation.why)}", "advice"),
        Span(f"\n→ {safe(explanation.instead)}", "leaf"),
    )
