"""What a rule speaks of, in the script's own words: `g · 2 · y`, not `g · 2 · self`.

Autograd calls what a node saved by the arguments of torch's function (`self`, `other`, `mat2`),
a reader of the script by what he wrote. Which is which follows from the edges of the graph, and
for what has none, as data without a gradient, from the expression that made the node. Torch-free.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

from engine.autograd.graph import Graph, Node
from engine.recording.syntax import expression_in
from engine.rules.anew.derivatives import derivatives
from engine.rules.local_rule import LocalRule

LONGEST = 24
"""What is longer keeps autograd's short name: a formula must be seen at once."""
MODULES = {"torch", "F", "nn", "functional", "linalg", "special", "fft"}
"""Names before a dot that are no tensor: `torch.pow(x, 2)` has two operands, `x.pow(2)` too."""
RESULT = "result"


def operands(node: Node, graph: Graph) -> tuple[str | None, ...]:
    """Return what the script calls each input of a node, in their order; None: not known.

    An input has one entry even where it has no edge, as far as the expression tells of it.
    """
    edges = {edge.index: graph.nodes[edge.source] for edge in graph.into[node.id]}
    written = _written(node.expression)
    slots = max([*edges, -1]) + 1
    for order in permutations(written) if len(written) == 2 else (written,):
        if len(order) >= slots and all(_is(edges[i], order[i]) for i in edges):
            return tuple(_short(text) for text in order)
    called = {i: _called(source, node, graph) for i, source in edges.items()}
    return tuple(_short(called.get(i)) for i in range(slots))


def script_names(node: Node, graph: Graph) -> Mapping[str, str]:
    """Return by autograd's name of what a node saved what the script calls it."""
    derivative = derivatives().get(node.op)
    arguments = derivative.inputs if derivative else ()
    inputs = zip(arguments, operands(node, graph), strict=False)
    names = {name: text for name, text in inputs if text}
    users = [graph.nodes[edge.target] for edge in graph.out_of[node.id]]
    result = node.name
    if all(user.expression != node.expression for user in users):
        result = result or _short(node.expression)
    return {**names, RESULT: result} if result else names


def in_script_words(rule: LocalRule, names: Mapping[str, str]) -> LocalRule:
    """Return the rule with autograd's names replaced in both formulas and the note."""
    if not names:
        return rule
    # Not `\b`: of `selfᵀ` the ᵀ is a letter to Python.
    pattern = re.compile(
        "(?<![A-Za-z0-9_.])(" + "|".join(map(re.escape, names)) + ")(?![A-Za-z0-9_.(])"
    )

    def put(text: str) -> str:
        text = pattern.sub(lambda found: _within(found, names[found[1]]), text)
        return text.replace(".Tᵀ", "")

    return replace(rule, symbols=put(rule.symbols), numbers=put(rule.numbers), note=put(rule.note))


def _within(found: re.Match[str], text: str) -> str:
    """A name's replacement, in parentheses unless it is one piece or stands alone in some."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    alone = before[-1:] in ("", "(") and after[:1] in ("", ")")
    return text if alone or _is_one_piece(text) else f"({text})"


def _is_one_piece(text: str) -> bool:
    tree = expression_in(text)
    return isinstance(tree, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant)


def _written(expression: str | None) -> list[str]:
    """The operands of the outermost operation of an expression, as they are written."""
    text = expression or ""
    match expression_in(text):
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.UnaryOp(operand=operand):
            parts = [operand]
        case ast.Subscript(value=value):
            parts = [value]
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=args) if name in MODULES:
            parts = list(args)
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name)), args=args) if (
            name in MODULES
        ):
            parts = list(args)
        case ast.Call(func=ast.Attribute(value=value), args=args):
            parts = [value, *args]
        case _:
            parts = []
    return [ast.get_source_segment(text, part) or ast.unparse(part) for part in parts]


def _called(source: Node, user: Node, graph: Graph) -> str | None:
    """What the output of a node is called: the variable that holds it, else what made it.

    Of several operations of one call, as `F.cross_entropy(o, t)`, the inner ones have no text;
    but a layer's transposed weight goes by the weight.
    """
    if source.name or source.expression != user.expression:
        return source.name or source.expression
    inputs = graph.into[source.id]
    if source.op == "TBackward0" and inputs and graph.nodes[inputs[0].source].name:
        return f"{graph.nodes[inputs[0].source].name}.T"
    return None


def _is(source: Node, written: str) -> bool:
    """Whether an operand as written is a node's output; so it may be where nothing is known."""
    known = {source.name, _normal(source.expression)} - {None}
    return not known or _normal(written) in known


def _normal(expression: str | None) -> str | None:
    tree = expression_in(expression) if expression else None
    return ast.unparse(tree) if tree is not None else None


def _short(text: str | None) -> str | None:
    return text if text and len(text) <= LONGEST and "\n" not in text else None
