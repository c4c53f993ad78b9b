"""The autograd graph as an immutable, torch-free record, and the backward pass through it.

Ids are positions in backward order: 0 is (the first) root and every node comes after all of its
users, in the order in which autograd's engine runs them on the CPU. An edge points as data
flows in the forward pass, from the node that made a tensor to the node that used it; the
gradient flows the other way. `a * a` has two edges between the same two nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.autograd.values import Plain, Value
from engine.quick_records import quickly_made

LEAF_OP = "AccumulateGrad"
"""The op at which a leaf's gradient arrives and is added to `.grad`."""
DETAILS_LIMIT = 1_000
"""A graph of more nodes is large: not all of its numbers are read."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Saved:
    """One thing a node kept for the backward pass: `self`, `other`, `exponent`, `dim`."""

    name: str
    """The name of the saved attribute, without autograd's `_saved_` in front."""
    content: Value | Plain


@quickly_made
@dataclass(frozen=True, slots=True)
class Node:
    """One node: an operation, or for `AccumulateGrad` a leaf tensor."""

    id: int
    op: str
    """Autograd's class name: `MulBackward0`, `AccumulateGrad`."""
    name: str | None = None
    """The variable that holds its output, for a leaf the leaf's own."""
    expression: str | None = None
    """The source text that made it, where it was recorded: `x + 2`."""
    line: int | None = None
    """The source line of the expression."""
    module: str | None = None
    """Dotted path of the `nn.Module` that ran it, where there is one: `layers.0.linear1`."""
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    device: str | None = None
    """Device of the node's first output, as torch writes it: `cpu`, `cuda:0`."""
    value: Value | None = None
    """The forward output, where it is known."""
    saved: tuple[Saved, ...] = ()
    freed: bool = False
    """Whether a backward pass has already freed what it had saved."""
    file: str | None = None
    """The file of the line; None where it is the script itself."""
    callers: tuple[str, ...] = ()
    """The lines of the user's own that led to the expression, outermost first."""
    keeps: int | None = None
    """Bytes that nothing but this node, and nodes after it, keeps alive; None: not known."""
    held_by: tuple[str, ...] = ()
    """Names of what else holds things that it saved; these bytes are not counted."""

    @property
    def is_leaf(self) -> bool:
        """Whether this is where a leaf's gradient accumulates."""
        return self.op == LEAF_OP

    @property
    def title(self) -> str:
        """The op for people: `MulBackward0` is `Mul`, a leaf goes by its name."""
        if self.is_leaf:
            return self.name or "leaf"
        return self.op.rstrip("0123456789").removesuffix("Backward") or self.op

    def content(self, name: str) -> Value | Plain:
        """The content saved under `name`; None where there is none."""
        return next((saved.content for saved in self.saved if saved.name == name), None)


@quickly_made
@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One use of a tensor: an output of one node as an input of another."""

    target: int
    """The id of the node that used the tensor."""
    index: int
    """The index among the target's inputs, from 0."""
    source: int
    """The node that made it, or the leaf."""
    output: int = 0
    """The index among the source's outputs, from 0."""


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in backward order and the edges between them, sorted by target and index."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[int, ...] = (0,)

    @cached_property
    def into(self) -> tuple[tuple[Edge, ...], ...]:
        """The edges into each node, by node id and in argument order."""
        return self._grouped([edge.target for edge in self.edges])

    @cached_property
    def out_of(self) -> tuple[tuple[Edge, ...], ...]:
        """The edges out of each node to its users, by node id."""
        return self._grouped([edge.source for edge in self.edges])

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The tensors whose `.grad` a backward pass fills."""
        return tuple(node for node in self.nodes if node.is_leaf)

    def check(self) -> None:
        """Raise ValueError unless ids are positions, edges sorted and users come before inputs."""
        if [node.id for node in self.nodes] != list(range(len(self.nodes))):
            raise ValueError("node ids must be their positions")
        if list(self.edges) != sorted(self.edges):
            raise ValueError("edges must be sorted by target and index")
        for edge in self.edges:
            if not 0 <= edge.target < edge.source < len(self.nodes):
                raise ValueError(f"edge out of backward order: {edge}")

    def _grouped(self, keys: list[int]) -> tuple[tuple[Edge, ...], ...]:
        groups: list[list[Edge]] = [[] for _ in self.nodes]
        for key, edge in zip(keys, self.edges, strict=True):
            groups[key].append(edge)
        return tuple(map(tuple, groups))


@quickly_made
@dataclass(frozen=True, slots=True)
class NodeGradient:
    """The gradients that came into one node and left it, in one backward pass."""

    node: int
    incoming: tuple[Value | None, ...]
    """∂root/∂output for every output of the node, summed over its users."""
    outgoing: tuple[Value | None, ...]
    """∂root/∂input along every edge into it, as this node contributes it; empty for a leaf."""
    grad_before: Value | None = None
    """A leaf's `.grad` before; None where it had none."""
    grad_after: Value | None = None
    """A leaf's `.grad` after the pass; None for any other node."""
    seconds: float | None = None
    """From the end of the node before to its own, on the CPU, some microseconds for seeing it
    included; None: not known."""
    device_seconds: float | None = None
    """The same on a GPU, by events on its stream; None where there is none."""

    @property
    def took(self) -> float | None:
        """The seconds that count: those of the GPU, where it does the work."""
        return self.seconds if self.device_seconds is None else self.device_seconds


@dataclass(frozen=True, slots=True, eq=False)
class Backward:
    """One backward pass, in the order in which autograd's engine ran it."""

    graph: Graph
    gradients: tuple[NodeGradient, ...]
    error: str | None = None
    """Why it stopped before its end: `RuntimeError: …`."""

    @property
    def raised(self) -> int | None:
        """The id of the node that raised: in backward order the first one that has not run.

        None where the pass went to its end, or was refused before it began.
        """
        if self.error is None or not self.gradients:
            return None
        ran = {gradient.node for gradient in self.gradients}
        return next((node.id for node in self.graph.nodes if node.id not in ran), None)
