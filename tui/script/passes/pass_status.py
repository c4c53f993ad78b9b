"""Which pass of a script's run is looked at, in one line, and what there is of it."""

from __future__ import annotations

from textual.content import Content

from tui.kit.text import safe
from tui.script.passes.pass_words import pass_heading
from tui.script.passes.script_run import ScriptRun


def status(run: ScriptRun) -> Content:
    """Return the name of the script, the pass, whether it runs, and where `enter` leads."""
    parts: list[tuple[str, str] | str] = [(safe(run.name), "$muted")]
    if run.lens is not None:
        parts.insert(0, (f"{run.lens.words}  ", "bold $accent"))
    heading = pass_heading(run)
    if heading:
        parts.append((f"  {heading}", "bold"))
    if run.running:
        parts.append(("  ● running", "$success"))
    elif run.ended:
        parts.append((f"  ■ {safe(run.ended)}", "$error"))
    if run.lens is not None and run.lens.alarm:
        parts.append((f"  ⚠ {run.lens.alarm}", "$warning"))
    parts.append((f"  {_lines(run)}", "$muted"))
    return Content.assemble(*parts)


def _lines(run: ScriptRun) -> str:
    """Which lines the Graph tab has of the pass."""
    here = run.here
    shown = None if here is None else run.with_lines(here)
    if shown is None:
        return ""
    return "enter: its lines" if shown == here else f"no lines, enter: those of {shown:,}"
