"""Paragraphs about a position in a script: errors, silent writes, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from engine.recording.explanations.explanation import Explanation
from engine.recording.explanations.mistakes import advice, explain_error, explanation_of
from engine.recording.findings import GROWTH
from engine.recording.records import Recording, ScriptError
from engine.recording.source_lines import source_lines
from engine.script.unseen.captured_output import OUTPUT_LIMIT
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.endings import CUT, ENDINGS
from tui.script.position import Position, end, moment_at
from tui.script.windows import LOOK_BACK, SEARCH_LIMIT, total

SENTENCE = re.compile(r"(?s).*?[.;](?= )|.*?(?=\n)")
MESSAGE = 100
"""A message of so many characters is shown whole."""
STAYS = 40
"""So many lines are looked back for what was said last."""
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


def rank_remark(number: int, why: str) -> Remark:
    """Return what is said of a pass of a rank that is not where the one before was."""
    return Remark(number, (Span(f"■ {safe(why)}", "warning"),))


def advice_at(
    recording: Recording, position: Position, *, silent: bool = False
) -> tuple[Paragraph, ...]:
    """Return paragraphs about the line executed last, and at the end about the ending.

    `silent`: not that the script still runs, which is said elsewhere.
    """
    paragraphs: list[Paragraph] = []
    said: Sequence[Explanation] = ()
    moment = moment_at(recording, position)
    if moment is not None and position.nodes is None:
        paragraphs += map(explained, said := _said(recording, position))
        if said and len(recording.findings) > len(said):
            hint = Span(f"a: all {len(recording.findings)}  ", "faint")
            paragraphs[0] = (hint, *paragraphs[0])
        error = moment.error
        if error is not None and position == end(recording):
            error = recording.error or error  # that says where it was raised, and the way there
        if error is not None:
            paragraphs.append(_error(recording, error))
    there = {one.what for one in said}
    notes = (note for note in recording.notes if note not in there)
    paragraphs += ((Span(f"■ {safe(note)}", "warning"),) for note in notes)
    if silent and recording.ending == "running":
        pass
    elif position == end(recording):
        paragraphs += _ending(
            recording, error_shown=moment is not None and moment.error is not None
        )
    else:
        paragraphs += _ahead(recording)
    return tuple(paragraphs)


def everything(recording: Recording) -> tuple[Paragraph, ...]:
    """Return all that is wrong with the run, in its order, and what was raised, word by word."""
    paragraphs: list[Paragraph] = []
    for finding in recording.findings:
        place = _place_of(recording, finding.file, finding.line)
        paragraphs.append(
            (Span(f"{place}  ", "faint"), *explained(explanation_of(recording, finding)))
        )
    error = recording.error
    if error is not None:
        known = explain_error(recording)
        if known is not None and not any(one.what == known.what for one in recording.findings):
            paragraphs.append(explained(known))
        paragraphs.append(_error(recording, error, whole=True))
    return tuple(paragraphs)


def _said(recording: Recording, position: Position) -> Sequence[Explanation]:
    """What there is to explain: of this line, else what was said last, which stays until then.

    At the end all that the recorder has found is said again.
    """
    index = position.lines - 1
    here = advice(recording, index)
    if position == end(recording):
        found = [explanation_of(recording, one) for one in recording.findings if not one.is_error]
        return tuple(dict.fromkeys([*here, *reversed(found)]))
    if here:
        return here
    earlier = [one for one in recording.findings if one.moment < index and not one.is_error]
    latest = max((one.moment for one in earlier), default=-1)
    for at in range(index - 1, max(index - STAYS, latest, -1), -1):
        if recording.moments[at].error is None and (said := advice(recording, at)):
            return said
    last = [one for one in earlier if one.moment == latest]
    number = min((one.number for one in last), default=0)
    # A loss that grows is why there are infinities, though that is known only at the end.
    grown = [one for one in recording.findings if one.kind == GROWTH and one.number <= number]
    return tuple(explanation_of(recording, one) for one in (*grown, *last))


def refusal(reason: str) -> tuple[Paragraph, ...]:
    """Return a paragraph with the reason why a file could not be opened."""
    return ((Span("✗ cannot open: ", "error"), Span(safe(reason), "error")),)


def _ending(recording: Recording, *, error_shown: bool) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    error = recording.error
    if error is not None and not error_shown:
        known = explain_error(recording)
        paragraphs += [explained(known)] if known else []
        paragraphs.append(_error(recording, error))
        paragraphs += _caret(_text(recording, error.file), error)
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
    lines = source_lines(source)
    if error.column is None or not 0 < error.line <= len(lines):
        return []
    start = max(error.column - 1 - CARET // 2, 0)
    line = lines[error.line - 1]
    before, after = safe(line[start : error.column - 1]), safe(line[error.column - 1 :][:CARET])
    return [
        (Span(f"  {before}{after}", "code"),),
        (Span(f"  {' ' * cell_len(before)}^", "error"),),
    ]


def _error(recording: Recording, error: ScriptError, *, whole: bool = False) -> Paragraph:
    """What was raised, where that is another file or column, and the way there.

    Of a long message the first sentence, unless the `whole` of it is wanted.
    """
    where = _place(recording, error) if error.file or error.column is not None else ""
    text, cut = str(error), False
    if not whole and (first := SENTENCE.match(text)) and len(text) > MESSAGE:
        text, cut = first[0], first[0] != text
    lines = [Span(f"✗ {safe(text)}", "error"), Span(f"   {where}" if where else "", "faint")]
    if cut:
        lines.append(Span("   a: all of it", "faint"))
    if error.way:
        way = " › ".join(one.strip() for one in error.way)
        lines.append(Span(f"\nfrom {safe(way)}", "faint"))
    return tuple(lines)


def _place(recording: Recording, error: ScriptError) -> str:
    column = "" if error.column is None else f", column {error.column}"
    return f"{_place_of(recording, error.file, error.line)}{column}"


def _place_of(recording: Recording, file: int, line: int) -> str:
    if 0 < file < len(recording.files):
        return f"{safe(recording.files[file].name)}, line {line}"
    return f"line {line}"


def explained(explanation: Explanation) -> Paragraph:
    """Return a paragraph of what is wrong and why, and of what to write in its place."""
    return (
        Span("⚠ ", "warning"),
        Span(safe(explanation.what), "title"),
        Span(f" {safe(explanation.why)}", "advice"),
        Span(f"\n→ {safe(explanation.instead)}", "leaf"),
    )
