"""PyTorch's own list of derivatives, as it ships with torch: which function a node belongs to.

`torchgen` comes with `derivatives.yaml`, from which autograd's node classes are generated: the
entries named `div` in their order become `DivBackward0`, `DivBackward1` and so on. Of its YAML
only what is needed is read, line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_ENTRY = re.compile(r"- name: (?P<schema>(?P<op>\w+)(?:\.(?P<overload>\w+))?\(.*)")
_FORMULA = re.compile(r" {2,6}(?P<names>\w+(?:, \w+)*): *(?P<formula>.+)")
_NOT_DIFFERENTIABLE = {"non_differentiable", "auto_linear", "auto_element_wise"}


@dataclass(frozen=True, slots=True)
class Derivative:
    """One entry of the list: a function, and how its inputs get their gradients."""

    op: str
    """The name below `torch.ops.aten`."""
    overload: str
    """The name of the overload; `default` where it has none."""
    inputs: tuple[str, ...]
    """The arguments that have a gradient, in their order, which is that of a node's inputs."""
    formulas: Mapping[str, str]
    """By argument, autograd's formula in C++."""


@cache
def derivatives() -> Mapping[str, Derivative]:
    """The derivative by the node's class, `LinalgDetBackward0`; empty where torch ships none."""
    try:
        text = files("torchgen").joinpath("packaged/autograd/derivatives.yaml").read_text("utf-8")
    except (ModuleNotFoundError, OSError):
        return {}
    found: dict[str, Derivative] = {}
    counts: Counter[str] = Counter()
    for derivative in _entries(text):
        prefix = _class_prefix(derivative.op)
        found[f"{prefix}{counts[prefix]}"] = derivative
        counts[prefix] += 1
    return found


def _class_prefix(op: str) -> str:
    """`max_pool2d_with_indices` → `MaxPool2DWithIndicesBackward`, as torchgen does it."""
    camel = "".join(part.title() for part in op.split("_"))
    return f"{camel}Backward".replace("ForwardBackward", "Backward")


def _entries(text: str) -> Iterator[Derivative]:
    """The entries that have a derivative at all."""
    for block in re.split(r"\n(?=- name: )", text)[1:]:
        head, *rest = block.splitlines()
        entry = _ENTRY.match(head.replace('"', ""))
        if entry is None:
            continue
        arguments = _arguments(entry["schema"])
        formulas = dict(_formulas(rest, arguments))
        inputs = tuple(name for name in arguments if name in formulas)
        if inputs:
            yield Derivative(entry["op"], entry["overload"] or "default", inputs, formulas)


def _arguments(schema: str) -> list[str]:
    """The names of a schema's arguments: `add(Tensor self, *, Scalar alpha=1) -> Tensor`."""
    inside = schema.partition("(")[2].rpartition(") ->")[0]
    parts = re.split(r", (?![^\[(]*[\])])", inside)
    return [part.partition("=")[0].split(" ")[-1] for part in parts if part != "*"]


def _formulas(lines: list[str], arguments: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.strip() == "AutogradNestedTensor:":
            return  # of nested tensors no numbers are read
        formula = _FORMULA.fullmatch(line)
        if formula is None or formula["formula"].strip('"').lower() in _NOT_DIFFERENTIABLE:
            continue
        for name in formula["names"].split(", "):
            if name in arguments:
                yield name, formula["formula"].strip('"')
