"""What autograd's nodes kept for the backward pass, read without disturbing it.

Saved tensors are read while they are there: backward frees them. Those that a
`saved_tensors_hooks` packed are left alone, since unpacking may copy from elsewhere or, under
checkpointing, run the forward pass again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.graph import Saved
from engine.autograd.quiet import is_meta, is_nested, is_wrapped, layout, storage
from engine.autograd.tensor_reader import unread
from engine.autograd.values import Plain, Value
from engine.quick_records import quickly_made

PACKED = "packed by a hook"
CHANGED = "changed in place since it was saved"


_PLAIN = (bool, int, float, complex, str)


class FreedError(RuntimeError):
    """A backward pass has freed what the node had saved."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    attribute: str
    raw: str | None
    """The attribute with the packed form; None for what is no tensor."""


def saved_of(node: AutogradNode) -> list[tuple[str, Any]]:
    """Name → what was saved: live tensors, plain things, or a text where it cannot be had.

    Of a tensor that wraps others only the shape is had, since more would run the wrapper's code.
    Call it under `quiet`: torch copies the tensor object, which modes and wrappers would see.
    Raises FreedError.
    """
    return [(name, _solid(content)) for name, content in _saved(node)]


def _solid(content: Any) -> Any:
    """A tensor without memory is dangerous to compute with; one on `meta` is not."""
    if isinstance(content, torch.Tensor):
        if not _is_hollow(content):
            return content
        return torch.empty(content.shape, dtype=content.dtype, device="meta")
    if isinstance(content, list | tuple) and any(isinstance(p, torch.Tensor) for p in content):
        return tuple(map(_solid, content))
    return content


def _is_hollow(tensor: torch.Tensor) -> bool:
    """Whether a tensor of a plain type has no memory, as what a node saved of a wrapper has not."""
    if is_meta(tensor) or layout(tensor) is not torch.strided or is_nested(tensor):
        return False
    try:
        return bool(storage(tensor).device.type == "meta")
    except NotImplementedError:
        return False
    except RuntimeError:
        return not is_wrapped(tensor)


def _saved(node: AutogradNode) -> Iterator[tuple[str, Any]]:
    kind: Any = type(node)
    for field in _fields(kind):
        if field.raw is not None and _packed(node, field.raw):
            yield field.name, PACKED
            continue
        try:
            content = getattr(node, field.attribute)
        except RuntimeError as error:
            if "modified by an inplace operation" not in str(error):
                raise FreedError from error
            content = CHANGED
        yield field.name, _signed(content)
        if isinstance(content, list | tuple):
            for i, part in enumerate(content):
                if isinstance(part, torch.Tensor):
                    yield f"{field.name}[{i}]", part
    if _is_custom(kind):
        yield from _saved_by_custom(node)


def _signed(content: Any) -> Any:
    """Autograd shows some negative integers, as a dimension of -1, as unsigned ones."""
    if isinstance(content, tuple):
        return tuple(map(_signed, content))
    if isinstance(content, int) and content >= 2**63:
        return content - 2**64
    return content


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    attributes = dir(kind)
    return tuple(
        _Field(name, f"_saved_{name}", raw if (raw := f"_raw_saved_{name}") in attributes else None)
        for name in (a.removeprefix("_saved_") for a in attributes if a.startswith("_saved_"))
    )


def _saved_by_custom(node: AutogradNode) -> Iterator[tuple[str, Any]]:
    if _packed(node, "_raw_saved_tensors"):
        yield "tensors", PACKED
        return
    try:
        tensors = node.saved_tensors
    except RuntimeError as error:
        if "modified by an inplace operation" not in str(error):
            raise FreedError from error
        yield "tensors", CHANGED
        return
    for i, tensor in enumerate(tensors):
        yield f"tensor {i}", tensor


@cache
def _is_custom(kind: Any) -> bool:
    return issubclass(kind, torch.autograd.function.BackwardCFunction)


def _packed(node: AutogradNode, raw: str) -> bool:
    try:
        packed = getattr(node, raw)
    except RuntimeError:  # freed, which reading the content itself reports
        return False
    if isinstance(packed, tuple):
        return any(getattr(part, "unpack_hook", None) is not None for part in packed)
    return getattr(packed, "unpack_hook", None) is not None


@quickly_made
@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What one node has saved: names and live contents, read once."""

    contents: tuple[tuple[str, Any], ...]
    freed: bool

    @classmethod
    def of(cls, node: AutogradNode) -> Kept:
        """Read a node, under `quiet`; `freed` and empty where a backward pass has freed it."""
        try:
            return cls(tuple(saved_of(node)), False)
        except FreedError:
            return cls((), True)

    def tensors(self) -> list[torch.Tensor]:
        """The contents that are tensors."""
        return [content for _, content in self.contents if isinstance(content, torch.Tensor)]

    def records(self, values: Mapping[int, Value]) -> tuple[Saved, ...]:
        """The contents as records, tensors by their `id` in `values`, otherwise without numbers."""
        return tuple(Saved(name, _content(content, values)) for name, content in self.contents)


def _content(content: object, values: Mapping[int, Value]) -> Value | Plain:
    if isinstance(content, torch.Tensor):
        return values.get(id(content)) or unread(content)
    if content is None or isinstance(content, _PLAIN):
        return content
    if isinstance(content, list | tuple):
        parts = [_content(part, values) for part in content]
        return tuple(f"tensor {p.shape}" if isinstance(p, Value) else p for p in parts)
    return str(content)
