"""Local rules against autograd: every operation, their texts, their speed, and NIST's numbers."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from time import perf_counter

import torch

from engine.autograd.graph import LEAF_OP, Backward
from engine.rules.table import RULES, local_rules
from tests.benchmarks.bare_app import BareApp
from tests.benchmarks.figures import Figure, Samples, Target, at_least, at_most
from tests.benchmarks.op_use import USE
from tests.benchmarks.suite import benchmark
from tests.engine.autograd.hooked import MEDDLERS, equal_to_plain_hooks
from tests.engine.rules.variants import WRONG_IN_TORCH, Case, Outcome, cases, outcomes, ran
from tests.engine.rules.verdicts import agrees, says_so
from tests.engine.training.nist import REFERENCES
from tests.engine.training.nist_digits import digits_of_numpy, digits_of_theory
from tui.diagram.node_details import Known, NodeDetails

SHOWN = 40
"""So many of the slowest nodes are shown on a screen."""


@benchmark("rules.operations", "every operation on every kind of input")
def operations(quick: bool) -> Iterator[Figure]:
    """Each call on plain, strided, tied, infinite, broadcast, 0-d, empty input of four types."""
    counts = _counted(quick)
    gradients, formulas = f"of {counts['gradients']:,} gradients", f"{counts['formulas']:,}"
    rows = {
        "calls": ("operations called", at_least(0 if quick else 800)),
        "raised": ("calls of which a rule raised", at_most(0)),
        "wrong": (f"{gradients}, said to be wrong", at_most(0)),
        "unchecked": (f"{gradients}, small, finite and unchecked", at_most(0)),
        "right": (f"{gradients}, right", None),
        "without": (f"{gradients}, of a custom Function", None),
        "untrue": (f"of {formulas} formulas, false as they stand", at_most(0)),
    }
    for name, (what, target) in rows.items():
        yield _count(f"rules.operations.{name}", what, counts[name], target)


def _counted(quick: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    calls = set()
    for case in islice(cases(), 0, None, 17 if quick else 1):
        try:
            found = outcomes(case)
        except Exception:
            counts["raised"] += 1
            continue
        if found:
            calls.add(case.call)
        for outcome in found:
            _judge(case, outcome, counts)
    counts["calls"] = len(calls)
    return counts


def _judge(case: Case, outcome: Outcome, counts: Counter[str]) -> None:
    """Count one gradient; where torch itself is wrong, a rule that says so is no mistake."""
    rule = outcome.rule
    counts["gradients"] += 1
    if rule is None:
        counts["without"] += 1
        return
    counts["right"] += rule.agrees is True
    torch_is_wrong = case.call in WRONG_IN_TORCH and case.dtype.is_complex
    if not torch_is_wrong and not agrees(case, outcome, rule):
        counts["wrong" if rule.agrees is False else "unchecked"] += 1
    said = None if case.variant == "edges" else says_so(outcome, rule)
    counts["formulas"] += said is not None
    counts["untrue"] += said is False


@benchmark("rules.use", "written rules by how much they are used")
def use(quick: bool) -> Iterator[Figure]:
    """By the nodes of recorded public scripts."""
    share = sum(part for op, part in USE.items() if op in RULES) / sum(USE.values())
    what = "per cent of the nodes of public scripts with a written rule"
    yield Figure("rules.use", what, ours=Samples((100 * share,)), target=at_least(98))


@benchmark("rules.hooks", "gradients at every node beside plain hooks")
def hooks(quick: bool) -> Iterator[Figure]:
    """Hooks of the script return, change in place, raise."""
    equal, kinds = sum(map(equal_to_plain_hooks, MEDDLERS)), len(MEDDLERS)
    what = f"of {kinds} kinds of hooks, gradients equal bit for bit"
    yield _count("rules.hooks", what, equal, at_least(kinds))


@benchmark("rules.node", "the details of a node, with its rules")
def node(quick: bool) -> Iterator[Figure]:
    """Every node of every plain call, the second time; then the slowest on a screen."""
    torch.set_num_threads(1)
    timed: list[tuple[float, Backward, int]] = []
    for case in (one for one in cases() if one.variant == "plain" and one.dtype is torch.float32):
        if quick and hash(case.call) % 10:
            continue
        backward = ran(case)
        for at, gradient in enumerate(backward.gradients if backward else ()):
            assert backward is not None
            if backward.graph.nodes[gradient.node].op != LEAF_OP:
                timed.append((min(_ruled(backward, at), _ruled(backward, at)), backward, at))
    timed.sort(key=lambda one: one[0])
    slowest = Samples(tuple(one[0] for one in timed), 100)
    what = f"the rules of a node, the slowest of {len(timed):,}"
    yield Figure("rules.node.rule", what, "s", slowest, target=at_most(0.016))
    shown = asyncio.run(_shown([(backward, at) for _, backward, at in timed[-SHOWN:]]))
    what = f"the same on the screen, the slowest of the {len(shown)} slowest"
    yield Figure("rules.node.shown", what, "s", Samples(tuple(shown), 100), target=at_most(0.016))


@benchmark("rules.nist", "digits of the optimum on NIST's data sets")
def nist(quick: bool) -> Iterator[Figure]:
    """Of the least exact coefficient, beside numpy's lstsq with scaled columns, the best of two."""
    for name, reference in REFERENCES.items():
        yield Figure(
            f"rules.nist.{name}",
            f"digits of {name}",
            ours=Samples((digits_of_theory(reference),)),
            peer_name="numpy",
            peer=Samples((digits_of_numpy(reference),)),
            target=Target("≥", 1.0, ratio=True),
        )


def _count(name: str, what: str, count: int, target: Target | None = None) -> Figure:
    return Figure(name, what, ours=Samples((float(count),)), target=target)


def _ruled(backward: Backward, at: int) -> float:
    gradient = backward.gradients[at]
    began = perf_counter()
    local_rules(backward.graph.nodes[gradient.node], gradient, backward.graph)
    return perf_counter() - began


async def _shown(nodes: list[tuple[Backward, int]]) -> list[float]:
    """Seconds from a node to its details on the screen, its rules worked out anew; of two times
    the shorter one."""
    seconds = []
    gc.collect()
    async with BareApp(NodeDetails()).run_test(size=(48, 40)) as pilot:
        view = pilot.app.query_one(NodeDetails)
        for backward, at in nodes:
            gradient = backward.gradients[at]
            one = backward.graph.nodes[gradient.node]
            took = []
            for _ in range(2):
                began = perf_counter()
                view.show_node(Known(one, gradient, local_rules(one, gradient, backward.graph)))
                took.append(perf_counter() - began)
                await pilot.pause()
            seconds.append(min(took))
    return seconds
