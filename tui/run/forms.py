"""What is typed into dialogs: a problem as lines that can be edited, numbers, paths. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from engine.data.source import ProblemError, Synthetic
from engine.training.problem import STEPS_LIMIT, Method, Problem


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form."""

    name: str
    label: str
    hint: str
    read: Callable[[Problem], str]
    parse: Callable[[str], Any]
    """Raises ValueError or KeyError."""
    flag: str
    """What gives the same on the command line; empty where there is nothing."""
    of_data: bool = False
    """Whether it belongs to how synthetic points are made."""
    methods: tuple[Method, ...] = ()
    """The methods that have it; empty: all."""


def _numbers(text: str) -> tuple[float, ...] | None:
    return tuple(float(part) for part in text.replace(",", " ").split()) or None


def switch(text: str) -> bool:
    """Whether `on` or `off` was typed; raises KeyError for anything else."""
    words = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
    return words[text.strip().lower()]


def _update(text: str) -> str:
    return {"no_grad": "no_grad", "data": "data", ".data": "data"}[text.strip().lower()]


METHODS: tuple[Method, ...] = get_args(Method)


def _method(text: str) -> Method:
    return {str(name): name for name in METHODS}[text.strip().lower()]


def _batch_size(text: str) -> int | None:
    words = text.strip().lower().replace("_", "")
    return None if words in ("", "all") else int(words)


def _constant(name: str, *methods: Method) -> Field:
    """A number that only some methods have."""
    hint = "from 0" if name == "eps" else "from 0, below 1"
    return Field(name, name, hint, lambda p: f"{getattr(p, name):g}", float, "", methods=methods)


def _synthetic(problem: Problem) -> Synthetic:
    source = problem.source
    return source if isinstance(source, Synthetic) else Synthetic()


FIELDS = (
    Field(
        "learning_rate", "learning rate", "above 0", lambda p: f"{p.learning_rate:g}", float, "--lr"
    ),
    Field("method", "method", ", ".join(METHODS), lambda p: p.method, _method, "--method"),
    Field(
        "momentum", "momentum", "from 0, below 1", lambda p: f"{p.momentum:g}", float, "--momentum"
    ),
    _constant("alpha", "rmsprop"),
    _constant("beta1", "adam"),
    _constant("beta2", "adam"),
    _constant("eps", "rmsprop", "adam"),
    Field(
        "batch_size",
        "batch size",
        "all, or so many points",
        lambda p: "all" if p.batch_size is None else str(p.batch_size),
        _batch_size,
        "--batch-size",
    ),
    Field(
        "zeroing",
        "zero gradients",
        "on or off",
        lambda p: "on" if p.zeroing else "off",
        switch,
        "--no-zeroing",
    ),
    Field("update", "update through", "no_grad or data", lambda p: p.update, _update, "--update"),
    Field(
        "start_w",
        "start w",
        "empty: from the seed",
        lambda p: " ".join(f"{w:g}" for w in p.start_w or ()),
        _numbers,
        "",
    ),
    Field("start_b", "start b", "a number", lambda p: f"{p.start_b:g}", float, ""),
    Field("target", "iterations", "from 1", lambda p: str(p.target), int, "--steps"),
    Field("points", "points", "from 1", lambda p: str(_synthetic(p).points), int, "--points", True),
    Field("noise", "noise", "from 0", lambda p: f"{_synthetic(p).noise:g}", float, "--noise", True),
    Field("seed", "seed", "from 0", lambda p: str(_synthetic(p).seed), int, "--seed", True),
)


def fields_of(problem: Problem) -> tuple[Field, ...]:
    """The lines that can be edited: data from a file have no noise, sgd no beta to choose."""
    synthetic = isinstance(problem.source, Synthetic)
    return tuple(
        field
        for field in FIELDS
        if (synthetic or not field.of_data)
        and (not field.methods or problem.method in field.methods)
    )


def edited(problem: Problem, texts: Mapping[str, str]) -> Problem:
    """The problem with the lines as they are now; raises ProblemError naming the first bad one."""
    changes: dict[str, Any] = {}
    of_data: dict[str, Any] = {}
    for field in fields_of(problem):
        text = texts[field.name]
        if text.strip() == field.read(problem).strip():
            continue  # what was not touched keeps its exact value
        try:
            value = field.parse(text.replace("_", "") if field.parse is int else text)
        except (ValueError, KeyError):
            raise ProblemError(wrong(field, text)) from None
        (of_data if field.of_data else changes)[field.name] = value
    if of_data:
        changes["source"] = replace(_synthetic(problem), **of_data)
    changed = replace(problem, **changes)
    changed.check()
    return changed


def wrong(field: Field, text: str) -> str:
    """One line about a field that cannot be read: what it needs, and what gives it elsewhere."""
    flag = f" (on the command line {field.flag})" if field.flag else ""
    return f"{field.label}: {field.hint}, not {text.strip()!r}{flag}"


def iteration_from(first: int, text: str) -> int:
    """An iteration of a branch that begins at the `first`; raises ValueError with one line."""
    iteration = whole_number(text)
    if iteration < first:
        raise ValueError(f"this branch begins at iteration {first:,}; B has the others")
    return iteration


def whole_number(text: str) -> int:
    """An iteration as typed, thousands apart or not; raises ValueError with one line."""
    try:
        number = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise ValueError(f"a whole number is needed, not {text!r}") from None
    if not 0 <= number <= STEPS_LIMIT:
        raise ValueError(f"from 0 to {STEPS_LIMIT:,}, not {number:,}")
    return number
