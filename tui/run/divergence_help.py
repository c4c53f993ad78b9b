"""The message shown where a run has diverged: why, and which keys lead back."""

from __future__ import annotations

from engine.data.source import Table
from engine.training.convergence import is_too_large
from engine.training.run import Run
from engine.training.theory import Theory
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.run.rates import WIDER, is_too_narrow, scaling_helps, typed


def stopped(run: Run | None, theory: Theory | None) -> tuple[Paragraph, ...]:
    """Paragraphs about the stop and the ways on from there; none where a run may simply go on."""
    if run is None or run.stop is None or run.stop.reason != "diverged":
        return ()
    why = (Span(f"✗ {safe(run.stop.text)}", "error"),)
    return why, (Span(f"→ {_ways(run, theory)}", "leaf"),)


def _ways(run: Run, theory: Theory | None) -> str:
    start, here = run.history.start.iteration, run.state.iteration
    if here > start:
        back = f"r back to iteration {start:,}, N one back, g to any"
        return f"{back}; then {_remedy(run, theory)}"
    if start:
        return "B: another branch, which can go back further"
    if isinstance(run.problem.source, Table) and (ways := _remedy(run, theory)):
        return ways
    return "p: other points; or others from a file: ctrl+p, Open data"


def _remedy(run: Run, theory: Theory | None) -> str:
    problem = run.problem
    if not problem.zeroing:
        return "p: zeroing on"
    if theory is None or not is_too_large(problem, theory):
        return WIDER if is_too_narrow(theory, problem) else "p: another setup"
    scaling = "u standardises" if scaling_helps(theory, problem) else ""
    return ", or ".join(filter(None, (scaling, typed(theory, problem))))
