"""Autograd's gradient beside the formula's, and the learning rate beside the largest stable one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.data.source import Table
from engine.training.convergence import largest_rate
from engine.training.gradient_rounding import gradient_rounding
from engine.training.problem import Problem, original_units
from engine.training.run import Run
from engine.training.theory import Theory, rounded_down, ulps
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import fit, safe
from tui.run.equation import terms, wrapped
from tui.run.iteration import Inside
from tui.run.read_progress import SINGULAR

SHOWN = 4
"""At most so many features have a row."""

NAME_WIDTH = 9
"""Columns for the name of a feature."""
NUMBER = 11
"""Columns for a coefficient."""
WHOLE = 47
"""Columns that a name and three coefficients need."""
BOTH = 30
"""Columns that a name, both gradients, and whether they are the same need."""
LARGEST_RATE = ("largest stable learning rate", "largest stable rate", "stable below")
"""What is said of that rate, the first words for which there is room."""
MOST_ULPS = 1_000_000
"""From so many on, as around 0, the distance is not shown in ulps."""
MANY_ULPS = 1_000
"""So many and more are told in thousands, for which a narrow terminal has room."""
AHEAD = 1000
"""How many iterations the prediction looks ahead."""


class GradientTable(PictureView):
    """Truth beside observation, for the iteration last done."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[Run | None, Theory | None, Inside | None, bool] | None = None

    def show_run(
        self, run: Run | None, theory: Theory | None, inside: Inside | None, *, all_facts: bool
    ) -> None:
        """Show gradients, rates and predictions at the run's iteration; nothing without a run.

        With `all_facts` also distances in ulps, the curvatures λ and the condition number.
        """
        self._shown = (run, theory, inside, all_facts)
        self._draw(*self._shown)

    def on_resize(self) -> None:
        """Break lines where they end now."""
        if self._shown is not None:
            self._draw(*self._shown)

    def _draw(
        self, run: Run | None, theory: Theory | None, inside: Inside | None, all_facts: bool
    ) -> None:
        rows: list[Row] = []
        if run is not None and theory is not None:
            rows += _gradients(run, theory, inside, self.size.width, all_facts)
            rows += _rates(run.problem, theory, self.size.width, all_facts)
            rows += _predictions(run, theory, self.size.width)
            rows += _coefficients(run, theory, self.size.width)
            rows += _equation(run, self.size.width)
        if len(rows) > self.size.height:
            rows = [row for row in rows if row]  # rather no gap than a row out of view
        self.show(Picture(max(self.size.width - 1, 1), tuple(rows)))


def has_coefficients(problem: Problem) -> bool:
    """Return whether every feature has a row: there are several, or they come from a file."""
    return isinstance(problem.source, Table) or problem.features > 1


def _gradients(
    run: Run, theory: Theory, inside: Inside | None, width: int, all_facts: bool
) -> Iterator[Row]:
    all_points, both = run.problem.batch_size is None, width > BOTH
    seen, formula = ("autograd", "formula 2/m") if all_points else ("the batch", "all points")
    heading = f" {'':<4}{seen:>11}" + (f"{formula:>12}" if both else "")
    if all_facts and all_points:
        heading += "  ulp"
    yield (Span(heading, "faint"),)
    if inside is None or not inside.backward_done:
        yield (Span(" backward is still to come", "faint"),)
        return
    before, step = inside.traced.before, inside.traced.step
    w_grad, b_grad = theory.gradient_at(before.w, before.b)
    names = [f"∂w{i + 1}" if len(w_grad) > 1 else "∂w" for i in range(len(w_grad))]
    pairs = [*zip(step.w_grad[:SHOWN], w_grad, strict=False), (step.b_grad, b_grad)]
    rounding = gradient_rounding(
        theory, before.w, before.b, run.problem.source.points, run.problem.dtype
    )
    limits = (*rounding[: len(pairs) - 1], rounding[-1])
    for name, pair, limit in zip([*names[:SHOWN], "∂b"], pairs, limits, strict=True):
        same = _sameness(*pair, limit, run.problem, all_facts) if all_points else ""
        yield _row(name, pair if both else pair[:1], same, 4 if width > NUMBER + 5 else 2)
    if not all_points:
        yield (Span(" a batch estimates the gradient", "faint"),)
    elif run.problem.zeroing:
        words = " textbook 1/m: half, " if both else " half by 1/m "
        yield (Span(f"{words}{w_grad[0] / 2:+.4e}", "faint"),)
    else:
        yield (Span(" not zeroed: gradients add up", "error"),)


def _sameness(seen: float, formula: float, limit: float, problem: Problem, all_facts: bool) -> str:
    """Whether two gradients are the same but for rounding, which takes them apart to a limit."""
    apart = ulps(seen, formula, problem.dtype)
    if apart is None:
        return ""
    if abs(seen - formula) > limit:
        return " ≠"
    if not all_facts or apart >= MOST_ULPS:
        return " ✓"
    return f" {apart:>4}" if apart < MANY_ULPS else f" {apart // 1000:>3}k"


def _row(name: str, seen_and_formula: Sequence[float], same: str, decimals: int) -> Row:
    seen, *formula = seen_and_formula
    return (
        Span(f" {name:<4}", "gradient title"),
        Span(f"{seen:>+{decimals + 7}.{decimals}e}", "gradient"),
        *(Span(f"{number:>+12.4e}", "value") for number in formula),
        Span(same, "faint"),
    )


def _rates(problem: Problem, theory: Theory, width: int, all_facts: bool) -> Iterator[Row]:
    """The learning rate beside its limit, and how badly conditioned the problem is."""
    limit = largest_rate(problem, theory)
    condition = theory.condition
    singular, stable = theory.singular, not problem.learning_rate >= limit
    low, high = theory.eigenvalues[0], theory.eigenvalues[-1]
    yield ()
    yield (
        Span(" learning rate ", "faint"),
        Span(f"{problem.learning_rate:g}", "title" if stable else "error"),
        Span("" if limit else ", none is stable", "faint"),
    )
    if limit and problem.is_descent:
        texts = [f" {words} {rounded_down(limit)}" for words in LARGEST_RATE]
        yield (Span(next((text for text in texts if len(text) < width), texts[-1]), "faint"),)
    if not limit:
        yield (Span(" ⚠ momentum without zeroing: will diverge", "error"),)
    elif not stable:
        yield (Span(" ⚠ above the limit: will diverge", "error"),)
    elif not problem.zeroing and problem.is_descent:
        yield (Span(" ⚠ swings for ever, never settles", "error"),)
    if all_facts:
        yield (Span(f" λ {low:.4g} … {high:.4g}, condition {condition:.3g}", "faint"),)
    if singular:
        yield (Span(f" ⚠ {SINGULAR}", "error"),)


def _predictions(run: Run, theory: Theory, width: int) -> Iterator[Row]:
    """What the closed form says of the loss: of the iteration just done, and of later ones."""
    problem, last = run.problem, run.history.last
    if problem.momentum or not (problem.zeroing and problem.is_descent):
        return  # the closed form is of plain gradient descent
    rate, start, state = problem.learning_rate, run.history.start, run.state
    done = last.iteration - start.iteration if last is not None else 0
    now = theory.predicted(start.w, start.b, rate, done).loss
    later = theory.predicted(state.w, state.b, rate, AHEAD).loss
    if last is not None:
        yield _prediction("loss by theory" if width > BOTH else "loss, theory", now, width)
    yield _prediction(f"in {AHEAD:,} more", later, width)


def _prediction(label: str, loss: float, width: int) -> Row:
    room = 15 if width > BOTH else 13
    return Span(f" {label:<{room}} ", "faint"), Span(f"{loss:.4e}", "value")


def _coefficients(run: Run, theory: Theory, width: int) -> Iterator[Row]:
    """Every feature's w beside the best one, and in the file's own units where that differs.

    Where there is no room for all three the best one is left out.
    """
    source, state = run.problem.source, run.state
    if not has_coefficients(run.problem):
        return
    scaled = isinstance(source, Table) and source.standardise
    has_best = not scaled or width > WHOLE
    best_heading = f" {'best':>{NUMBER}}" if has_best else ""
    units = f" {'own units':>{NUMBER}}" if scaled else ""
    yield ()
    yield (Span(f" {'':<{NAME_WIDTH}} {'w':>{NUMBER}}{best_heading}{units}", "faint"),)
    w_units, b_units = original_units(run.problem, state)
    names = [*source.feature_names, "b"]
    ours, best = (*state.w, state.b), (*theory.w, theory.b)
    for name, number, optimum, unit in zip(names, ours, best, (*w_units, b_units), strict=True):
        text = f" {number:>{NUMBER}.4e}"
        text += f" {optimum:>{NUMBER}.4e}" if has_best else ""
        text += f" {unit:>{NUMBER}.5g}" if scaled else ""
        role = "leaf" if name == "b" else "op"
        yield Span(f" {fit(safe(name), NAME_WIDTH)}", role), Span(text, "value")


def _equation(run: Run, width: int) -> Iterator[Row]:
    """What was fitted to data from a file, in their own units, broken between its terms."""
    if isinstance(run.problem.source, Table):
        yield ()
        parts = terms(run.problem, run.state, lambda number: f"{number:.5g}")
        for line in wrapped(parts, max(width - 3, 1)):
            yield (Span(f" {line}", "title"),)
