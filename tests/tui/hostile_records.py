"""Records in which every text is the same hostile one, as a forged file or process could send."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from engine.autograd.graph import LEAF_OP, Backward, Edge, Graph, Node, NodeGradient, Saved
from engine.autograd.values import TensorView, Value
from engine.data import table_cache
from engine.data.arrays import Gathered
from engine.data.source import Table
from engine.ranks.distributed_run import DistributedRun
from engine.recording.rank_records import Bucket, RankGradient, RankPass, RankPlace
from engine.recording.records import Moment, Recording, ScriptError, SilentWrite
from engine.sessions.session import Session
from engine.training.branches import Branch, Experiment
from engine.training.history import History
from engine.training.problem import Problem, State, Step
from engine.training.run import Reason, Run, Stop
from engine.training.step_columns import Steps

ONE = Value((), "float32", (1.0,), ())


def recording(text: str) -> Recording:
    """A script that prints, has tensors, a graph and a pass, loses a leaf, and fails twice."""
    graph = _graph(text)
    passed = Backward(graph, tuple(_gradient(node) for node in graph.nodes), error=text)
    leaf = TensorView(text, ONE, text, True, True, None, ONE, 0, storage=1)
    made = replace(leaf, is_leaf=False, grad_fn=text, grad=None)
    scope = (leaf, replace(made, name=f"{text}2"))
    moments = (
        Moment(1, 0, text, text, scope, (text,), 0, None),
        Moment(2, 0, text, "", scope, (text,), 0, None, silent=(SilentWrite(text, 2, True),)),
        Moment(3, 0, text, "", scope, (text,), 0, 0),
        Moment(4, 0, text, "", (made, scope[1]), (text,), 0, None),
        Moment(5, 0, text, "", (made,), (), 0, None, error=ScriptError(text, text, 5)),
    )
    # What breaks a line for Python would end the literal.
    code = "".join(c for c in text if len(f"{c}x".splitlines()) == 1)
    source = "\n".join(f"{word} = '{code}'  # {code}" for word in "abcdef")
    return Recording(
        text, source, moments, (graph,), (passed,), "error", ScriptError(text, text, 6), text
    )


def ranks(text: str) -> DistributedRun:
    """Two ranks of far too many that are said to be there, with hostile names and numbers."""
    one = recording(text)
    broken = Value((), "float32", (math.nan,), ())
    part = RankGradient(text, math.nan, math.inf, 0.0, 1, 1, ONE, broken, 7)
    passes = (RankPass(0, "DistributedDataParallel", "mean", (part,), (Bucket((text,), -1),), -3),)
    found: list[Recording | None] = [None] * 10_000
    for rank in (1, 9_999):
        place = RankPlace(rank, 10_000, -1, text, text, text, text)
        found[rank] = replace(one, place=place, rank_passes=passes)
    return DistributedRun(text, 10_000, found, (text,))


def session(text: str, reason: Reason = "breakpoint") -> Session:
    """Two branches on a file's columns, one of them stopped."""
    name = text[:24]  # as much as a chart shows of one
    table = Table(f"/{text}", f"y{name}"[:24], (name, f"{name}2"), 3, text, ignored=(text,))
    x = np.array([[0.0, 1], [1, 0], [1, 1]], np.float32)
    table_cache._keep(table, "float32", Gathered(x, x[:, :1], (), ()))
    return _trained(Problem(table, target=9), text, reason)


def single(text: str) -> Session:
    """The same with one feature, which charts name."""
    name = text[:23]
    table = Table(f"/{text}", f"{name}y", (name,), 3, text)
    x = np.array([[0.0], [1], [2]], np.float32)
    table_cache._keep(table, "float32", Gathered(x, x, (), ()))
    return _trained(Problem(table, target=9), text)


def _trained(problem: Problem, text: str, reason: Reason = "breakpoint") -> Session:
    zeros = (0.0,) * problem.features
    history = History(State(0, zeros, 0.0), Steps([Step(0, 1.0, zeros, 0.0, zeros, 0.0)]))
    run = Run(problem, history, Stop(reason, text))
    return Session(Experiment((Branch(text, run, run), Branch("other", run, run, text))))


def _graph(text: str) -> Graph:
    """A root of a named op, with its input unnamed, in a module, and a leaf below."""
    saved = (Saved(text, ONE), Saved(text, text))
    node = Node(0, text, text, text, 1, text, (), text, text, ONE, saved)
    nodes = (
        node,
        replace(node, id=1, name=None),
        replace(node, id=2, name=None, expression=None, module=f"{text}.1"),
        replace(node, id=3, op=LEAF_OP, saved=()),
    )
    return Graph(nodes, (Edge(0, 0, 1), Edge(1, 0, 2), Edge(2, 0, 3)))


def _gradient(node: Node) -> NodeGradient:
    if node.is_leaf:
        return NodeGradient(node.id, (ONE,), (), None, ONE)
    return NodeGradient(node.id, (ONE,), (ONE,))
