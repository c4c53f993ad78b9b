"""The Train tab: gradient descent stepped like a program under a debugger, both ways."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import ProgressBar, Static

from engine.regression.branches import Experiment
from engine.regression.breakpoints import Breakpoint
from engine.regression.problem import STEPS_LIMIT
from engine.regression.run import Run
from engine.regression.theory import Theory
from tui import stepping
from tui.charts.sparkline import sparkline
from tui.iterating import Inside
from tui.keys import with_ids
from tui.messages import (
    BreakpointsChanged,
    CursorMoved,
    ExperimentChanged,
    IterationWanted,
    Order,
    PaceChanged,
    ProblemChanged,
    TrainingOrdered,
)
from tui.notes import line_notes
from tui.screens.branches import BranchScreen
from tui.screens.breakpoints import BreakpointScreen
from tui.screens.experiment import ExperimentScreen
from tui.screens.prompt import PromptScreen
from tui.text import safe
from tui.widgets.branch_table import BranchTable
from tui.widgets.gradient_table import GradientTable
from tui.widgets.heading import Heading
from tui.widgets.printed_rows import PrintedRows
from tui.widgets.readouts import Readouts
from tui.widgets.source_view import SourceView

TRAINING_KEYS: list[BindingType] = with_ids(
    [
        Binding("n", "order('next')", "Next", tooltip="one iteration on"),
        Binding("N", "order('previous')", "Back", tooltip="one iteration back, exactly"),
        Binding("s", "order('node')", "Phase", tooltip="one line of the loop, or node of backward"),
        Binding("S", "order('node back')", "Back", tooltip="one line or node back"),
        Binding(
            "space", "order('play')", "Play", tooltip="train at the chosen pace; again to pause"
        ),
        Binding("c", "order('run')", "Run", tooltip="train to the target, flat out"),
        Binding("r", "order('reset')", "Reset", tooltip="start anew"),
        Binding("f", "order('finish')", "Finish", show=False, tooltip="to the iteration's end"),
        Binding("g", "go_to", "Go to", show=False, tooltip="any iteration, forward or back"),
        Binding(
            "b", "breakpoints", "Breakpoints", show=False, tooltip="conditions that stop a run"
        ),
        Binding("B", "branches", "Branches", show=False, tooltip="compare, switch, rename, delete"),
        Binding("e", "experiment", "Experiment", tooltip="learning rate, momentum, start, data …"),
        Binding("plus,equals_sign", "rate(1)", "Learning rate up", key_display="+", show=False),
        Binding("minus", "rate(-1)", "Learning rate down", key_display="-", show=False),
        Binding("less_than_sign", "pace(-1)", "Slower", key_display="<", show=False),
        Binding("greater_than_sign", "pace(1)", "Faster", key_display=">", show=False),
    ]
)
"""What moves the shared run, on the Train and on the Chart tab."""


LOOKING_KEYS: list[BindingType] = with_ids(
    [
        Binding(
            "left,h", "look(-1)", "Look back", show=False, tooltip="at the kept iteration before"
        ),
        Binding("right,l", "look(1)", "Look on", show=False, tooltip="at the kept iteration after"),
        Binding("shift+left,H", "look(-10)", "Look back 10", show=False),
        Binding("shift+right,L", "look(10)", "Look on 10", show=False),
        Binding("ctrl+left", "look(-100)", "Look back 100", show=False),
        Binding("ctrl+right", "look(100)", "Look on 100", show=False),
        Binding("home", f"look(-{STEPS_LIMIT})", "Look at the start", show=False),
        Binding("end", f"look({STEPS_LIMIT})", "Look at the latest", show=False),
        Binding("escape", "look_away", "Stop looking", show=False, tooltip="back to the run"),
        Binding(
            "enter", "go_there", "Go there", show=False, tooltip="the run to what is looked at"
        ),
    ]
)
"""What looks at earlier iterations and leaves the run where it stands."""


class RunPane(Container, can_focus=True):
    """A tab that shows the shared run, and whose keys move it."""

    BINDINGS: ClassVar[list[BindingType]] = LOOKING_KEYS

    training: var[Run | None] = var(None)
    theory: var[Theory | None] = var(None)
    inside: var[Inside | None] = var(None)
    pace: var[float | None] = var(None)
    busy: var[str] = var("")
    experiment: var[Experiment | None] = var(None)
    breakpoints: var[tuple[Breakpoint, ...]] = var(())
    cursor: var[int | None] = var(None, bindings=True)
    """After how many iterations the run is looked at; None: where it stands."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a cursor has none to work on where there is none."""
        return self.cursor is not None or action not in ("look_away", "go_there")

    def action_look(self, by: int) -> None:
        """At an earlier or later kept iteration."""
        self.post_message(CursorMoved(by))

    def action_look_away(self) -> None:
        """Back to where the run stands."""
        self.post_message(CursorMoved(None))

    def action_go_there(self) -> None:
        """Take the run to what is looked at."""
        if self.cursor is not None:
            self.post_message(IterationWanted(self.cursor))

    def action_order(self, order: Order) -> None:
        """Ask for it."""
        self.post_message(TrainingOrdered(order))

    def action_pace(self, by: int) -> None:
        """Faster or slower."""
        self.post_message(PaceChanged(by))

    def action_rate(self, by: int) -> None:
        """The next larger or smaller learning rate of 1, 2, 5, 10 …."""
        if self.training is not None:
            problem = self.training.problem
            rate = next_rate(problem.learning_rate, by)
            self.post_message(ProblemChanged(replace(problem, learning_rate=rate)))

    @work
    async def action_go_to(self) -> None:
        """Ask for an iteration."""
        if self.training is None:
            return
        now = self.training.state.iteration
        prompt = PromptScreen("go to iteration", f"now {now:,}; forward or back", whole_number)
        text = await self.app.push_screen_wait(prompt)
        if text:
            self.post_message(IterationWanted(whole_number(text)))

    @work
    async def action_breakpoints(self) -> None:
        """List them, and take the list as it is left."""
        points = await self.app.push_screen_wait(BreakpointScreen(self.breakpoints))
        self.post_message(BreakpointsChanged(points))

    @work
    async def action_branches(self) -> None:
        """Compare them, and go on with one."""
        if self.experiment is not None:
            left = await self.app.push_screen_wait(BranchScreen(self.experiment))
            if left is not self.experiment:
                self.post_message(ExperimentChanged(left))

    @work
    async def action_experiment(self) -> None:
        """Change what is trained, and how."""
        if self.training is None:
            return
        form = ExperimentScreen(self.training.problem, self.theory)
        problem = await self.app.push_screen_wait(form)
        if problem is not None:
            self.post_message(ProblemChanged(problem))


class TrainPane(RunPane):
    """The loop as code with its numbers, the parameters in large, and truth beside them."""

    BINDINGS: ClassVar[list[BindingType]] = TRAINING_KEYS

    def compose(self) -> ComposeResult:
        """Progress above; the loop and the printed rows left, the numbers right."""
        with Horizontal(id="progress-line"):
            yield Static(id="status")
            yield ProgressBar(total=None, show_eta=False, id="progress")
        with Horizontal(id="train-body"):
            with Vertical(id="train-main"):
                yield Heading("the loop", id="loop-heading")
                yield SourceView(id="loop")
                yield Heading("printed", id="printed-heading")
                yield PrintedRows(id="printed")
                with Vertical(id="branches-section"):
                    yield Heading("branches")
                    yield BranchTable(id="branches")
            with Vertical(id="train-side"):
                yield Readouts(id="readouts").data_bind(run=RunPane.training, theory=RunPane.theory)
                yield Static(id="losses")
                yield Heading("gradient")
                yield GradientTable(id="gradients")

    def watch_training(self) -> None:
        """The run has moved."""
        run = self.training
        if run is None:
            return
        done, target = run.state.iteration, run.problem.target
        bar = self.query_one(ProgressBar)
        bar.update(total=max(target, done), progress=done)
        self.query_one(PrintedRows).show_history(run.history)
        losses = [math.log10(step.loss) for step in run.history.steps if step.loss > 0]
        spark = self.query_one("#losses", Static)
        spark.update(Content.styled(sparkline(losses, max(spark.size.width, 1)), "$gradient"))
        self._show_status()
        self._show_gradients()

    def watch_experiment(self) -> None:
        """Another branch, or one further on; one alone needs no table."""
        count = len(self.experiment.branches) if self.experiment else 0
        section = self.query_one("#branches-section")
        section.display = count > 1
        section.styles.height = min(count, 6) + 2
        self.query_one(BranchTable).show_experiment(self.experiment)

    def watch_theory(self) -> None:
        """Another problem."""
        self._show_gradients()

    def watch_inside(self) -> None:
        """Another line of the loop."""
        inside = self.inside
        if inside is None:
            return
        loop = self.query_one("#loop", SourceView)
        recording, place = inside.dissection.recording, inside.place
        if loop.source != recording.source:
            loop.show_source(recording.source)
        moment = stepping.moment_at(recording, place)
        current = stepping.current_line(recording, place)
        loop.show_place(moment.line if moment else None, current, line_notes(recording, place))
        heading = self.query_one("#loop-heading", Heading)
        heading.show("the loop", f"iteration {inside.dissection.iteration:,}")
        self._show_gradients()

    def watch_busy(self) -> None:
        """Playing, running, or neither."""
        self._show_status()

    def watch_pace(self) -> None:
        """Another pace."""
        self._show_status()

    def watch_cursor(self) -> None:
        """Another iteration is looked at."""
        self._show_status()

    def on_resize(self) -> None:
        """There is room for more or fewer rows."""
        self.watch_training()
        self.watch_experiment()

    def _show_gradients(self) -> None:
        self.query_one(GradientTable).show_run(self.training, self.theory, self.inside)

    def _show_status(self) -> None:
        line = status(self.training, self.busy, self.pace, self.cursor)
        self.query_one("#status", Static).update(line, layout=False)


def status(run: Run | None, busy: str, pace: float | None, cursor: int | None = None) -> Content:
    """One line: how far the run is, and what it is doing; or what is looked at instead."""
    if run is None:
        return Content("loading torch …")
    if cursor is not None:
        looking = f" looking at iteration {cursor:,} "
        return Content.assemble(
            (looking, "bold reverse $warning"), "  enter goes there, escape back"
        )
    done = f"iteration {run.state.iteration:>7,} of {run.problem.target:,}"
    parts: list[tuple[str, str] | str] = [(done, "bold")]
    speed = "flat out" if pace is None else f"{pace:g} a second"
    if busy == "playing":
        parts.append((f"  ▶ playing, {speed}", "$success"))
    elif busy == "running":
        parts.append((f"  ▶▶ running{_speed(run)}", "$success"))
    elif run.stop is not None:
        role = "bold $error" if run.stop.reason == "diverged" else "$muted"
        parts.append((f"  {safe(run.stop.text)}", role))
    else:
        parts.append((f"  space plays {speed}", "$muted"))
    return Content.assemble(*parts)


def _speed(run: Run) -> str:
    """Iterations a second, and the time that is left to the target."""
    if not run.rate:
        return ""
    left = max(run.problem.target - run.state.iteration, 0) / run.rate
    clock = f"{left:.0f} s" if left < 120 else f"{left / 60:.0f} min"
    return f"  {run.rate:,.0f} a second, {clock} left"


def whole_number(text: str) -> int:
    """An iteration as typed, thousands apart or not; raises ValueError with one line."""
    try:
        number = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise ValueError(f"a whole number is needed, not {text!r}") from None
    if not 0 <= number <= STEPS_LIMIT:
        raise ValueError(f"from 0 to {STEPS_LIMIT:,}, not {number:,}")
    return number


def next_rate(rate: float, by: int) -> float:
    """The next of 1, 2, 5, 10 … above or below, in any power of ten."""
    exponent = math.floor(math.log10(rate))
    ladder = [
        digit * 10.0**power for power in range(exponent - 1, exponent + 2) for digit in (1, 2, 5)
    ]
    # Six digits: 0.020000000000000004 is on no ladder.
    rounded = [float(f"{step:.6g}") for step in ladder]
    close = 1e-9 * rate
    if by > 0:
        return min(step for step in rounded if step > rate + close)
    return max(step for step in rounded if step < rate - close)
