"""The rows that the tutorial prints: iteration, w, b and loss, evenly over the run."""

from __future__ import annotations

from collections.abc import Iterator

from engine.training.history import History
from engine.training.problem import Step
from engine.training.step_columns import Steps
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Span


class PrintedRows(PictureView):
    """As many rows as there is room for; the newest is last."""

    def show_history(self, history: History | None) -> None:
        """Show the rows of a run that has got further."""
        rows = [(Span(f"{'iteration':>11} {'w':>12} {'b':>12} {'loss':>12}", "faint"),)]
        if history is not None:
            shown = thinned(history.steps, history.stride, max(self.size.height - 1, 1))
            rows += [(Span(_text(step), "value"),) for step in shown]
        self.show(Picture(max(self.size.width - 1, 1), tuple(rows)))


def thinned(steps: Steps, stride: int, room: int) -> list[Step]:
    """At most `room` steps: those at multiples of a round number, and the last one."""
    if not steps or room < 1:
        return []
    if room == 1:
        return [steps[-1]]
    iterations, last = steps.iterations, steps[-1]
    every = next(n for n in _round_numbers(stride) if last.iteration // n < room - 1)
    shown = [index for index, i in enumerate(iterations[:-1]) if i % every == 0]
    return [*(steps[index] for index in shown[-(room - 1) :]), last]


def _round_numbers(stride: int) -> Iterator[int]:
    """1, 2, 5, 10 …, where they meet what is kept; between them the stride, times 1, 2, 5 …."""
    size = 1
    while True:
        found = {n * size for n in (1, 2, 5) if n * size % stride == 0}
        yield from sorted(found | {n * size * stride for n in (1, 2, 5)})
        size *= 10


def _text(step: Step) -> str:
    return f"{step.iteration:>11,} {_column(step.w[0])} {_column(step.b)} {step.loss:>12.4e}"


def _column(number: float) -> str:
    """Twelve characters, whatever the number."""
    return f"{number:>12.7f}" if abs(number) < 1000 else f"{number:>12.5e}"
