"""What the charts are about: one run, what is known beside it, and the branches it left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from rich.cells import cell_len

from engine.data.source import Table
from engine.training.branches import Experiment
from engine.training.convergence import aimed
from engine.training.density import Density
from engine.training.points import Points, Range
from engine.training.problem import Problem, State, Step, original_units
from engine.training.run import MARKED, Run
from engine.training.step_columns import Steps
from engine.training.theory import Theory
from tui.chart.figures.axes import Axis, Floats, iterations
from tui.chart.figures.view import View
from tui.kit.text import safe

LONGEST = 24
"""Names of columns that are longer are not shown."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything a chart may show; what is None is not known yet and left out."""

    run: Run
    points: Points | None = None
    theory: Theory | None = None
    ghosts: tuple[Run, ...] = ()
    """The runs of other branches, drawn faint."""
    stops: tuple[int, ...] = ()
    """After how many iterations the run met a breakpoint."""
    density: Density | None = None
    """All points, where they are too many: shown by the fit whose grid it has."""
    inherited: Steps = field(default_factory=Steps)
    """What led to the run's start, of the branches that it came from."""
    origin: State | None = None
    """The state in which the inherited steps began."""
    twin: Scene | None = None
    """The latest run on the same data in other units, standardised or not."""

    @property
    def names(self) -> tuple[str, str]:
        """The names of the first feature and of the target."""
        source = self.run.problem.source
        return _name(source.feature_names[0], "x"), _name(source.target_name, "y")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters, b last: `w`, `w1`, or those of the columns they are of."""
        source = self.run.problem.source
        count = len(source.feature_names)
        if not isinstance(source, Table):
            return ("w", "b") if count == 1 else (*(f"w{i + 1}" for i in range(count)), "b")
        return (*(_name(name, f"w{i + 1}") for i, name in enumerate(source.feature_names)), "b")

    @property
    def weights(self) -> tuple[str, ...]:
        """The same said so that no weight can be taken for its column: `w of speed`."""
        if not isinstance(self.run.problem.source, Table):
            return self.parameters
        return (*(f"w of {name}" for name in self.parameters[:-1]), "b")

    @property
    def units(self) -> str:
        """What to add to a title whose parameters are of standardised features."""
        source = self.run.problem.source
        return ", standardised" if isinstance(source, Table) and source.standardise else ""

    def own_xs(self, numbers: Iterable[float]) -> list[float]:
        """Return values of the first feature in the data's own units."""
        source = self.run.problem.source
        if not isinstance(source, Table) or not source.standardise:
            return list(numbers)
        scale, mean = source.scales[0], source.means[0]
        return [number * scale + mean for number in numbers]

    def learned_range(self, own: Range) -> Range:
        """Return a range of the first feature as it is learned from, of one in the own units."""
        source = self.run.problem.source
        if not isinstance(source, Table) or not source.standardise:
            return own
        low, high = ((end - source.means[0]) / source.scales[0] for end in own)
        return low, high

    def own_state(self, state: State) -> State:
        """Return a state whose w and b are for features in the data's own units."""
        return State(state.iteration, *original_units(self.run.problem, state))

    @property
    def x_range(self) -> Range | None:
        """The range of the first feature in the data's own units, but for rounding."""
        if self.points is None:
            return None
        # A standardised 4 comes back as 3.9999998.
        low, high = (float(f"{end:.6g}") for end in self.own_xs(self.points.x_ranges[0]))
        return low, high

    @property
    def start(self) -> State:
        """The state before the first iteration, of the branch that the run came from if any."""
        return self.origin or self.run.history.start

    @cached_property
    def steps(self) -> Steps:
        """All kept iterations since the start."""
        return self.inherited + self.run.history.steps

    @property
    def fork(self) -> State | None:
        """The state in which the run left the branch that it came from; None where it did not."""
        return self.run.history.start if self.inherited else None

    def state(self, view: View) -> State:
        """Return the kept state at the cursor of a view; without one, the state of the run."""
        history = self.run.history
        return history.state if view.cursor is None else history.keyframe(view.cursor)

    def step(self, view: View) -> Step | None:
        """Return the kept iteration that led to `state`."""
        return self.run.history.step(self.state(view).iteration)

    def readout(self, view: View) -> str:
        """Return where the view looks, for the title of every chart; of one width while it runs."""
        step = self.step(view)
        loss = "" if step is None else f"   loss {step.loss:.3e}"
        return f"iteration {self.state(view).iteration:,}{loss}"

    def cursor(self, view: View) -> float | None:
        """Return where a chart over the iterations has its cursor; None without one."""
        return None if view.cursor is None else float(self.state(view).iteration)

    def stopped(self) -> tuple[float, ...]:
        """Return after which iterations a chart marks stops."""
        stop = self.run.stop
        last = (self.run.state.iteration,) if stop and stop.reason in MARKED else ()
        return tuple(map(float, (*self.stops, *last)))

    def furthest(self, view: View) -> int:
        """Return how many iterations a chart must have room for."""
        return max(run.state.iteration for run in (self.run, *self.shown_ghosts(view)))

    def timeline(self, view: View) -> Axis:
        """Return the x axis of a chart over the iterations."""
        return iterations(self.furthest(view), self.run.problem.target, log=view.log_x)

    def shown_ghosts(self, view: View) -> tuple[Run, ...]:
        """Return the runs of other branches, if the view wants them."""
        return self.ghosts if view.ghosts else ()


def scene_of(
    experiment: Experiment,
    points: Points | None,
    known: Callable[[Problem], Theory | None],
    stops: Collection[int],
) -> Scene:
    """Return the scene of an experiment's current branch, the others as ghosts beside it.

    `known` returns the theory of a problem, as far as it is known.
    """
    branch, other = experiment.branch, experiment.twin
    twin = None
    if other is not None and (theory := known(other.run.problem)) is not None:
        run, theory = other.furthest, aimed(theory, other.start)
        twin = Scene(run, None, theory, inherited=other.inherited, origin=other.origin)
    here = known(branch.run.problem)
    return Scene(
        branch.run,
        points,
        here and aimed(here, branch.start),
        ghosts=experiment.ghosts,
        stops=tuple(sorted(stops)),
        inherited=branch.inherited,
        origin=branch.origin,
        twin=twin,
    )


def done(steps: Steps) -> Floats:
    """Return how many iterations were done after each step."""
    return np.asarray(steps.iterations) + 1.0


def predict(x: tuple[float, ...], state: State) -> float:
    """Return x·w + b; not finite where a float cannot hold it."""
    return sum(a * w for a, w in zip(x, state.w, strict=True)) + state.b


def _name(name: str, otherwise: str) -> str:
    """As it is where it can be shown, one cell a character."""
    name = safe(name)
    return name if len(name) == cell_len(name) <= LONGEST else otherwise
