"""w, b and loss in large digits, each with its distance to the optimum."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.training.run import Run
from engine.training.theory import Theory
from tui.train.large_number import LargeNumber

NAME = 7
"""Columns for a name beside its number, at least."""


class Readouts(Vertical):
    """Shows where a run stands; numbers keep their columns while it runs."""

    DEFAULT_CSS = """
    Readouts { height: auto; }
    Readouts Static { height: 1; color: $muted; text-wrap: nowrap; text-overflow: ellipsis; }
    Readouts #w { color: $operation; }
    Readouts #b { color: $leaf; }
    Readouts #loss { color: $gradient; }
    """

    def compose(self) -> ComposeResult:
        """Label and number, three times."""
        for name in ("w", "b", "loss"):
            yield Static(name, id=f"{name}-label")
            yield LargeNumber(" ", id=name)

    def show_run(self, run: Run, theory: Theory | None, *, dense: bool = False) -> None:
        """Show where a run stands, beside the optimum where it is known; `dense`: in few rows."""
        state, last = run.state, run.history.last
        loss = last.loss if last else theory.loss_at(state.w, state.b) if theory else math.nan
        several = f"₁ of {len(state.w)}" if len(state.w) > 1 else ""
        room = max(NAME, len(f"w{several} "))
        for name, number in (("w", state.w[0]), ("b", state.b), ("loss", loss)):
            self.query_one(f"#{name}", LargeNumber).update(steady(number))
            label = f"w{several}" if name == "w" else name
            best = None
            if theory is not None:
                best = {"w": theory.w[0], "b": theory.b, "loss": theory.loss}[name]
            content = _label(label, number, best)
            if dense:
                content = _dense(label, number, best, room, self.size.width)
            if name == "loss" and theory is not None and last and run.problem.batch_size:
                content = _of_batch(
                    number, theory.loss_at(state.w, state.b), room if dense else None
                )
            self.query_one(f"#{name}-label", Static).update(content, layout=False)


def steady(number: float) -> str:
    """Nine characters, whatever the number: ` 2.997688`, ` 4.26E-07`, `      NAN`."""
    if not math.isfinite(number):
        return f"{number:>9}".upper()
    if number == 0 or 1e-4 <= abs(number) < 1000:
        return f"{number: .6f}"[:9]
    return f"{number: .2E}"


def _dense(name: str, number: float, best: float | None, room: int, width: int) -> Content:
    """A name with its number in one row, where there is no room for large digits."""
    aside = f"  best {best:.3g}" if best is not None and math.isfinite(best) else ""
    if room + len(steady(number)) + len(aside) > width:
        aside = ""
    return Content.assemble(
        (f"{name:<{room}}", "bold $foreground"), (steady(number), "$foreground"), aside
    )


def _apart(name: str, by: float, best: float) -> str:
    """How far a number is from the best one, in words."""
    if by == 0:
        return f"is the best: {best:.3g}"
    if name == "loss":
        return f"{by:.2g} above the least {best:.2g}"
    return f"is {abs(by):.3g} too {'large' if by > 0 else 'small'} · best {best:.3g}"


def _of_batch(number: float, of_all: float, room: int | None) -> Content:
    """A batch's loss, which is no distance to the least, with that of all points.

    In one row with it, where its name has `room`.
    """
    if room is None:
        return Content.assemble(("loss", "bold $foreground"), f"  of a batch, of all {of_all:.3g}")
    name, digits = (f"{'loss':<{room}}", "bold $foreground"), (steady(number), "$foreground")
    return Content.assemble(name, digits, f"  of all {of_all:.3g}")


def r_squared(theory: Theory, w: Sequence[float], b: float) -> str:
    """R² of a line, of one width; empty where y does not vary."""
    number = theory.r_squared(w, b)
    if not math.isfinite(number):
        return ""
    return f"{round(number, 4) + 0.0:.4f}"[:6] if abs(number) < 100 else f"{number:.0e}"


def _label(name: str, number: float, best: float | None) -> Content:
    parts: list[tuple[str, str] | str] = [(name, "bold $foreground")]
    if best is not None and math.isfinite(best):
        parts.append(f"  {_apart(name, number - best, best)}")
    return Content.assemble(*parts)
