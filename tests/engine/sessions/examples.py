"""Sessions: one that was trained, Hypothesis strategies for any, and how two are compared."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from engine.data.source import Synthetic, Table
from engine.sessions.schema import plain_session
from engine.sessions.session import Session
from engine.training.advance import begin, goto
from engine.training.branches import Branch, Experiment, experiment, replace_current
from engine.training.breakpoints import Breakpoint, parse
from engine.training.fork import fork
from engine.training.history import History
from engine.training.problem import Problem, State, Step
from engine.training.run import Run, Stop
from engine.training.step_columns import Steps

numbers = st.floats()
finite = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(0, 10**9)
names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)


def end(run: Run, until: int) -> Run:
    """Forward or back; without the measured rate, which is never the same twice."""
    *_, last = goto(run, until)
    return replace(last, rate=None)


def trained(iterations: int = 40) -> Session:
    """Two branches, the second of which went back one iteration."""
    here = experiment(begin(Problem(Synthetic(noise=0.1), momentum=0.5)))
    here = replace_current(here, end(here.branch.run, iterations))
    here = replace_current(here, end(here.branch.run, iterations // 2))
    here = fork(here, replace(here.branch.run.problem, learning_rate=0.05))
    here = replace_current(here, end(here.branch.run, iterations))
    here = replace_current(here, end(here.branch.run, iterations - 1))
    return Session(here, (parse("loss<1e-4"), parse("i=70")), 50.0)


def text(session: Session) -> str:
    """All of a session exactly: equal texts mean equal sessions, down to the sign of a zero."""
    return json.dumps(plain_session(session), sort_keys=True)


@st.composite
def sources(draw: st.DrawFn, features: int) -> Synthetic | Table:
    seed = draw(st.integers(0, 2**63 - 1))
    w = tuple(draw(finite) for _ in range(features))
    if draw(st.booleans()):
        return Synthetic(draw(st.integers(1, 100)), abs(draw(finite)), seed, w, draw(finite))
    columns = draw(st.lists(names, min_size=features + 1, max_size=features + 1, unique=True))
    scaled = draw(st.booleans())
    return Table(
        path=draw(st.text(max_size=30)),
        target=columns[-1],
        features=tuple(columns[:-1]),
        points=draw(st.integers(1, 100)),
        fingerprint=draw(st.text(max_size=32)),
        header=draw(st.booleans()),
        missing=draw(st.sampled_from(["drop", "refuse"])),
        dropped=draw(whole) % 1000,
        ignored=tuple(draw(st.lists(st.text(max_size=9), max_size=2))),
        means=w if scaled else (),
        scales=(0.5,) * features if scaled else (),
        seed=seed,
        decimal=draw(st.sampled_from(["", ".", ","])),
        missing_values=tuple(draw(st.lists(st.text(max_size=9), max_size=2))),
        skip_rows=draw(whole) % 1000,
        encoding=draw(st.sampled_from(["", "utf-8", "shift_jis"])),
        notes=tuple(draw(st.lists(st.text(max_size=9), max_size=2))),
    )


@st.composite
def steps(draw: st.DrawFn, features: int, iterations: list[int]) -> Steps:
    def w() -> tuple[float, ...]:
        return tuple(draw(numbers) for _ in range(features))

    momentum = draw(st.booleans())
    return Steps(
        Step(
            iteration,
            draw(numbers),
            w(),
            draw(numbers),
            w(),
            draw(numbers),
            w() if momentum else None,
            draw(numbers) if momentum else None,
        )
        for iteration in iterations
    )


@st.composite
def runs(draw: st.DrawFn, problem: Problem, first: int, count: int) -> Run:
    features, stride = problem.features, draw(st.sampled_from([1, 2, 8]))
    before = -(-first // stride) * stride
    kept = [before + place * stride for place in range(count)]
    (start,) = draw(steps(features, [first - 1]))
    stops = st.builds(Stop, st.sampled_from(["target", "diverged"]), st.text(max_size=9))
    return Run(
        problem,
        History(start.state, draw(steps(features, kept)), stride),
        draw(st.none() | stops),
        draw(st.none() | numbers),
    )


@st.composite
def branches(draw: st.DrawFn, name: str, parents: list[str]) -> Branch:
    features = draw(st.integers(1, 3))
    problem = Problem(
        source=draw(sources(features)),
        learning_rate=draw(st.floats(1e-9, 1e9)),
        target=draw(st.integers(1, 10**9)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        device=draw(st.sampled_from(["cpu", "cuda", "cuda:1"])),
        zeroing=draw(st.booleans()),
        update=draw(st.sampled_from(["no_grad", "data"])),
        momentum=draw(st.floats(0, 0.99)),
        start_w=draw(st.none() | st.just((1.5,) * features)),
        start_b=draw(finite),
    )
    first = draw(st.integers(0, 50))
    furthest = draw(runs(problem, first, draw(st.integers(0, 4))))
    run = furthest
    if draw(st.booleans()):
        run = Run(problem, History(State(first, (0.0,) * features, -0.0)))
    inherited = draw(
        steps(features, sorted(draw(st.sets(st.integers(0, first), max_size=3)) - {first}))
    )
    origin = draw(steps(features, [-1]))[0].state
    parent = draw(st.sampled_from([None, *parents]))
    return Branch(name, run, furthest, parent, inherited, draw(st.none() | st.just(origin)))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Sessions of every kind; not all of them could come from a training."""
    own = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    kinds: Any = st.sampled_from(["i=", "loss<", "loss>", "grad<", "grad>", "dist<", "gain<"])
    return Session(
        Experiment(
            tuple(draw(branches(name, own)) for name in own), draw(st.integers(0, len(own) - 1))
        ),
        tuple(draw(st.lists(st.builds(Breakpoint, kinds, whole.map(float), st.booleans())))),
        draw(st.none() | st.floats(1e-3, 1e9)),
    )
