"""Which benchmarks there are, which of them are wanted, and running those one by one."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from tests.benchmarks.figures import Figure

FAMILIES = (
    *("start", "latency", "training", "graph", "backward", "charts", "scale"),
    *("robust", "fuzz", "soak", "structure", "recording", "run_file", "ranks", "checks", "rules"),
    *("gram", "distributed"),
)

Find = Callable[[bool], Iterable[Figure]]
"""Measures and yields figures; True asks for small sizes."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Figures that are measured together; their names begin with its name."""

    name: str
    what: str
    find: Find


REGISTERED: list[Benchmark] = []


def benchmark(name: str, what: str) -> Callable[[Find], Find]:
    """Register a function that measures `name`, or figures whose names go on from there."""

    def register(find: Find) -> Find:
        REGISTERED.append(Benchmark(name, what, find))
        return find

    return register


def everything() -> Sequence[Benchmark]:
    """All benchmarks of all families, in order."""
    for family in FAMILIES:
        import_module(f"tests.benchmarks.{family}")
    return tuple(REGISTERED)


def select(known: Sequence[Benchmark], names: Sequence[str]) -> list[Benchmark]:
    """Those that hold a figure of these names; all for no name. Raises KeyError for a stranger."""
    if not names:
        return list(known)
    for name in names:
        if not any(_touches(one.name, name) for one in known):
            raise KeyError(name)
    return [one for one in known if any(_touches(one.name, name) for name in names)]


def run(chosen: Iterable[Benchmark], names: Sequence[str], *, quick: bool) -> Iterator[Figure]:
    """The figures as they are measured; one that fails says why, and the others go on."""
    for one in chosen:
        try:
            for figure in one.find(quick):
                if not names or any(_within(figure.name, name) for name in names):
                    yield figure
        except Exception as error:
            yield Figure(one.name, one.what, note=_reason(error))


def _touches(benchmark: str, name: str) -> bool:
    return _within(benchmark, name) or _within(name, benchmark)


def _within(name: str, group: str) -> bool:
    return f"{name}.".startswith(f"{group}.")


def _reason(error: Exception) -> str:
    """In one line, and where: a figure that is missing must be easy to mend."""
    text = str(error).strip().partition("\n")[0]
    if isinstance(error, ImportError):
        return f"not available: {text}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {text} ({place.name}, line {place.lineno})"
