"""Figures as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, Samples, Target, Unit

SCHEMA = 1
HEADINGS = ("figure", "what", "ours", "peer", "", "ratio", "target", "reached")
WIDTHS = (30, 48, 28, 22, 28, 7, 14, 7)
STEPS: dict[Unit, tuple[tuple[float, str], ...]] = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "B": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
    "B/s": ((1e6, "MB/s"), (1e3, "kB/s"), (1.0, "B/s")),
}
REACHED = {True: "yes", False: "NO", None: ""}


def header() -> str:
    """The names of the columns, underlined."""
    return f"{_row(HEADINGS)}\n{_row(['─' * width for width in WIDTHS])}"


def line(figure: Figure) -> str:
    """One row; what could not be measured has its reason in place of numbers."""
    ratio, target = figure.ratio, figure.target
    less = "<" if figure.peer is not None and figure.peer.stopped else ""
    ours = _samples(figure.ours, figure.unit) if figure.ours else f"not measured: {figure.note}"
    peer = _samples(figure.peer, figure.unit) if figure.peer else figure.note
    cells = [
        figure.name,
        figure.what,
        ours,
        figure.peer_name,
        peer if figure.ours else "",
        "" if ratio is None else f"{less}{ratio:.2f}",
        "" if target is None else target_text(target, figure.unit),
        REACHED[figure.reached],
    ]
    return _row(cells)


def target_text(target: Target, unit: Unit) -> str:
    """The bound, and whether it is one on the ratio."""
    if target.ratio:
        return f"{target.relation} {target.bound:g}×"
    return f"{target.relation} {number_text(target.bound, unit)}"


def number_text(value: float, unit: Unit) -> str:
    """Three digits and the unit that suits: `0.0123` seconds are `12.3 ms`."""
    if unit not in STEPS:
        digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        return digits if unit in ("/s", "") else f"{digits} {unit}"
    steps = STEPS[unit]
    size, name = next((step for step in steps if abs(value) >= step[0]), steps[-1])
    return f"{value / size:.3g} {name}"


def write_json(path: Path, figures: Iterable[Figure], machine: Mapping[str, str]) -> None:
    """All samples, and what they were taken on."""
    record = {
        "schema": SCHEMA,
        "machine": dict(machine),
        "figures": [_record(figure) for figure in figures],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _record(figure: Figure) -> dict[str, Any]:
    found = {"ours": figure.ours, "peer": figure.peer}
    values = {name: samples.value if samples else None for name, samples in found.items()}
    return asdict(figure) | {"values": values, "ratio": figure.ratio, "reached": figure.reached}


def _samples(samples: Samples, unit: Unit) -> str:
    if samples.stopped:
        return f"> {number_text(samples.value, unit)}, stopped"
    text = number_text(samples.value, unit)
    if len(samples.values) == 1:
        return text
    low, high = samples.spread
    return f"{text} ({number_text(low, unit)} … {number_text(high, unit)})"


def _row(cells: Sequence[str]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return "  ".join(padded).rstrip()
