"""What a rule may look at: one input of one node, its gradients and what it saved."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.values import Plain, Value
from engine.rules.named import named
from engine.rules.term import Term, lift
from engine.rules.text import ATOM, added_dims, dims_text

Shape = tuple[int, ...]


class NoRuleError(LookupError):
    """The rule cannot be written here: something was not saved, or the case is another one."""


@dataclass(frozen=True, slots=True)
class Context:
    """One input of one node; any other attribute is what was saved under that name.

    Of complex numbers an attribute is the conjugate: autograd's gradient of an analytic function
    is g · conj(f′(z)), which is g · f′(conj(z)) wherever f is real on the real axis. Rules of
    other functions take what was `saved`.
    """

    node: Node
    gradient: NodeGradient
    graph: Graph
    slot: int
    """The index of the input among the node's inputs, from 0."""
    shape: Shape
    """The shape of that input's gradient."""
    memory: dict[object, Any] = field(default_factory=dict)
    """What has been worked out for one input of the node and serves the others."""

    @property
    def g(self) -> Term:
        """The gradient of the root with respect to the node's first output."""
        return self.incoming(0, "g")

    @property
    def g_shape(self) -> Shape:
        """The shape of `g`; the input's where there is no gradient."""
        value = self.gradient.incoming[0]
        return self.shape if value is None else value.shape

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """What `make` gives, made for the first of the node's inputs that asks."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]

    @property
    def shapes(self) -> tuple[Shape | None, ...]:
        """The shape of every input; None for one that is not part of the graph."""
        return self.once("shapes", self._shapes)  # type: ignore[no-any-return]

    def _shapes(self) -> tuple[Shape | None, ...]:
        shapes = [None if value is None else value.shape for value in self.gradient.outgoing]
        for edge in self.graph.into[self.node.id]:
            if edge.output == 0 and shapes[edge.index] is None:
                shapes[edge.index] = self.graph.nodes[edge.source].shape
        return tuple(shapes)

    @property
    def coarsest(self) -> torch.dtype:
        """The coarsest type among the gradients and what was saved: some steps have it."""
        saved = (part.content for part in self.node.saved)
        values = (*self.gradient.incoming, *self.gradient.outgoing[self.slot :][:1], *saved)
        dtypes = [getattr(torch, one.dtype) for one in values if isinstance(one, Value)]
        floating = [d for d in dtypes if d.is_floating_point or d.is_complex]
        return max(floating, key=lambda d: torch.finfo(d).eps, default=torch.float64)

    @property
    def precision(self) -> float:
        """The unit of rounding of the numbers with which autograd computed."""
        return torch.finfo(self.coarsest).eps

    @property
    def has_non_finite(self) -> bool:
        """Whether the node got or has saved anything infinite or nan, or made it."""
        saved = (part.content for part in self.node.saved)
        values = (*self.gradient.incoming, *self.gradient.outgoing, *saved)
        return any(isinstance(value, Value) and value.non_finite > 0 for value in values)

    def incoming(self, output: int, name: str | None = None) -> Term:
        """The gradient of one of several outputs, `g1`; 0 for an output that was not used."""
        value = self.gradient.incoming[output]
        return lift(0) if value is None else named(name or f"g{output}", value)

    def __getattr__(self, name: str) -> Term:
        return self.saved(name).conj

    def saved(self, name: str) -> Term:
        """The Term saved under a name; a Term without numbers where nothing was saved."""
        content = self.plain(name)
        if isinstance(content, bool | int | float | complex):
            return lift(content)
        return named(name, content if isinstance(content, Value) else None)

    def rounded(self, name: str) -> Term:
        """A saved bound as autograd compares with it: rounded to the type of `self`."""
        bound, content = self.saved(name), self.plain("self")
        if not isinstance(bound.constant, int | float) or not isinstance(content, Value):
            return bound
        number = torch.tensor(bound.constant, dtype=getattr(torch, content.dtype)).item()
        return replace(bound, value=number, constant=None)

    def in_single(self, term: Term) -> Term:
        """A number that torch keeps in single precision, even among numbers of double precision."""
        if term.value is None:
            return term
        coarser = max(1.0, torch.finfo(torch.float32).eps / self.precision)
        return replace(term, size=term.size * coarser, constant=None)

    def has(self, name: str) -> bool:
        """Whether a value was saved under that name."""
        return isinstance(self.node.content(name), Value)

    def plain(self, name: str) -> Value | Plain:
        """What the node saved under a name, as in `Node.content`; None where there is nothing."""
        return self.node.content(name)

    def integer(self, name: str) -> int:
        """An integer that the node saved; raises NoRuleError where there is none."""
        content = self.plain(name)
        if not isinstance(content, int):
            raise NoRuleError(name)
        return content

    def integers(self, name: str) -> Shape:
        """Several saved integers, as sizes or paddings; raises NoRuleError where there are none."""
        content = self.plain(name)
        if not isinstance(content, tuple):
            raise NoRuleError(name)
        return tuple(part for part in content if isinstance(part, int))

    def dims(self, name: str = "dim") -> Shape:
        """Saved dimensions counted from 0; all of them where none was saved."""
        content = self.plain(name)
        rank = len(self.shape)
        if content is None or content == ():
            return tuple(range(rank))
        parts = content if isinstance(content, tuple) else (content,)
        return tuple(sorted(part % rank for part in parts if isinstance(part, int) and rank))

    def dim(self, name: str = "dim") -> int:
        """A saved dimension of the input, counted from 0."""
        return self.integer(name) % max(len(self.shape), 1)

    def reduced(self, term: Term, *, said: bool = True) -> Term:
        """A reduction's gradient or result, its dimensions put back with size 1.

        Not `said` where the words around it say so.
        """
        if self.plain("keepdim") or not self.shape:
            return term
        dims = self.dims()
        kept = tuple(i not in dims for i in range(len(self.shape)))
        whole = unsqueezed(term, kept)
        return whole if said else replace(whole, symbols=term.symbols, numbers=term.numbers)

    def count(self, dims: Shape) -> int:
        """How many elements of the input a reduction over these dimensions combines."""
        return math.prod(self.shape[dim] for dim in dims)


def unsqueezed(term: Term, kept: Sequence[bool]) -> Term:
    """With dimensions of size 1 put in where `kept` is False, written `g[:, None]`."""
    index = tuple(slice(None) if here else None for here in kept)
    text = added_dims(kept) if any(kept) else ""
    if not text:
        return term.silently(lambda a: a[index])
    return term.worded(f"{{}}{text}", lambda a: a[index], binding=ATOM, within=ATOM)


Rule = Callable[[Context], Term]
Rules = Mapping[str, Rule | tuple[Rule, ...]]
"""Op → its rule, or one for each input."""


def summed_to_input(n: Context, term: Term, whole: Shape | None = None) -> Term:
    """Summed over the dimensions along which the input was broadcast to `whole`, else to `g`."""
    whole = n.g_shape if whole is None else whole
    extra = len(whole) - len(n.shape)
    dims = tuple(i for i, size in enumerate(whole) if i < extra or size != n.shape[i - extra])
    if not dims or term.constant is not None:
        return term
    summed = term.worded(
        f"sum of {{}} over {dims_text(dims)}", lambda a: a.expand(whole).sum_to_size(n.shape)
    )
    numbers = ", ".join(map(str, dims))
    return summed.noted(f"summed over the dimensions that were broadcast: {numbers}")


def broadcasting(rules: Rules) -> Rules:
    """The same rules for inputs that may have been broadcast."""

    def wrapped(rule: Rule) -> Rule:
        return lambda n: summed_to_input(n, rule(n))

    return {
        op: tuple(map(wrapped, rule)) if isinstance(rule, tuple) else wrapped(rule)
        for op, rule in rules.items()
    }
