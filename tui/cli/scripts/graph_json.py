"""A graph and its backward pass as one JSON object."""

from __future__ import annotations

from collections.abc import Iterable

from engine.autograd.graph import Backward, Graph, Node, NodeGradient
from engine.autograd.values import Value
from engine.recording.records import Recording
from tui.cli.printing.json_output import json_number, json_value
from tui.cli.printing.output import Json
from tui.cli.scripts.graph_choice import ChosenGraph


def document(recording: Recording, shown: ChosenGraph | None) -> dict[str, Json]:
    """Return `nodes` by id, `edges` as [from, to, input index], `backward` in the engine's order.

    An edge goes from the node that made a tensor to the node that uses it. Where nothing is
    shown the lists are empty.
    """
    shown = shown or ChosenGraph(Backward(Graph((), (), ()), ()))
    backward, graph = shown.backward, shown.backward.graph
    return {
        "source": recording.name,
        "pass": shown.number,
        "passes": recording.passes.count or len(recording.backwards),
        "variables": dict(shown.variables),
        "loss": None if shown.loss is None else json_number(shown.loss),
        "roots": list(graph.roots),
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [[edge.source, edge.target, edge.index] for edge in graph.edges],
        "backward": [_gradient(gradient) for gradient in backward.gradients],
        "failed": backward.error,
    }


def _node(node: Node) -> dict[str, Json]:
    return {
        "id": node.id,
        "op": node.op,
        "shape": None if node.shape is None else list(node.shape),
        "leaf": node.name if node.is_leaf else None,
        "name": node.name,
        "expression": node.expression,
        "file": node.file,
        "line": node.line,
        "callers": list(node.callers),
        "dtype": node.dtype,
        "device": node.device,
        "value": json_value(node.value),
        "keeps": node.keeps,
        "held_by": list(node.held_by),
    }


def _gradient(gradient: NodeGradient) -> dict[str, Json]:
    return {
        "node": gradient.node,
        "incoming": _values(gradient.incoming),
        "outgoing": _values(gradient.outgoing),
        "grad_before": json_value(gradient.grad_before),
        "grad_after": json_value(gradient.grad_after),
        "seconds": gradient.seconds,
        "device_seconds": gradient.device_seconds,
    }


def _values(values: Iterable[Value | None]) -> list[Json]:
    return [json_value(value) for value in values]
