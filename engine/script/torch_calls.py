"""Seeing every torch call a script makes: notes on new graph nodes, and backward passes.

A note is left in the node's own metadata, so it lives exactly as long as the graph. Backward
passes are run through `engine.autograd.backward`, with the script's own arguments and real effects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, Self

import torch
from torch.overrides import TorchFunctionMode

from engine.autograd.backward import BackwardFailed, watch_backward
from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import NoGraphError, walk
from engine.autograd.graph import LEAF_OP, Backward
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.tensor_reader import value_of
from engine.recording.journal import Journal
from engine.script.line_tracer import Tracer
from engine.script.module_path import ModulePath
from engine.script.silent_writes import Stale, fingerprints, stale


class Watch(TorchFunctionMode):
    """While entered, notes what the script that `tracer` follows does with torch."""

    def __init__(self, filename: str, source: str, tracer: Tracer, journal: Journal) -> None:
        super().__init__()
        self._filename = filename
        self._lines = source.splitlines()
        self._tracer = tracer
        self._journal = journal
        self._modules = ModulePath(tracer.variables)
        self._following = ExitStack()

    def __enter__(self) -> Self:
        self._following.enter_context(self._modules.followed())
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *failure: Any) -> None:
        super().__exit__(*failure)  # type: ignore[no-untyped-call]
        self._following.close()

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run the call, and keep what is to be seen of it."""
        kwargs = kwargs or {}
        if func is torch.Tensor.backward:
            return self._backward([args[0]], func, args, kwargs)
        if func is torch.autograd.grad or func is torch.autograd.backward:
            roots = args[0] if args else next(iter(kwargs.values()))
            return self._backward(_tensors(roots), func, args, kwargs)
        result = func(*args, **kwargs)
        # An assignment to a part, `x[0] = …`, gives nothing back and changes its argument.
        for output in _tensors(args[:1] if result is None else result):
            node: AutogradNode = output.grad_fn
            if node is not None and NOTE_KEY not in node.metadata:
                self._note(node, output)
        return result

    def _backward(
        self,
        tensors: Sequence[torch.Tensor],
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        try:
            walked = walk(tensors)
        except NoGraphError:
            return func(*args, **kwargs)  # raises torch's own message
        wrong = stale(walked.nodes)
        result: list[Any] = []
        try:
            run = lambda: result.append(func(*args, **kwargs))  # noqa: E731
            backward = watch_backward(walked, run, self._tracer.scope(), for_good=True)
        except BackwardFailed as failure:
            self._keep(failure.backward, wrong)
            raise failure.__cause__ or failure from None
        self._keep(backward, wrong)
        return result[0]

    def _keep(self, backward: Backward, wrong: Iterable[Stale]) -> None:
        self._journal.add_backward(backward)
        ran = {gradient.node for gradient in backward.gradients}
        self._tracer.stale += (one for one in wrong if one.position in ran)

    def _note(self, node: AutogradNode, output: torch.Tensor) -> None:
        """Leave a note on the node, and on those that the same call made before it."""
        frame = self._frame()
        note = Note(
            value=value_of(output),
            expression=self._expression(frame) if frame else None,
            line=frame.f_lineno if frame else None,
            module=self._modules.current,
            since=len(self._journal.moments),
        )
        inside = replace(note, value=None)
        node.metadata[NOTE_KEY] = replace(note, fingerprints=fingerprints(node))
        stack = [source for source, _ in node.next_functions]
        while stack:
            node = stack.pop()
            if node is None or type(node).__name__ == LEAF_OP or NOTE_KEY in node.metadata:
                continue
            node.metadata[NOTE_KEY] = replace(inside, fingerprints=fingerprints(node))
            stack += (source for source, _ in node.next_functions)

    def _frame(self) -> FrameType | None:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != self._filename:
            frame = frame.f_back
        return frame

    def _expression(self, frame: FrameType) -> str | None:
        first, last, start, end = _positions(frame.f_code)[frame.f_lasti // 2]
        if first is None or last is None or start is None or end is None:
            return None
        lines = [line.encode() for line in self._lines[first - 1 : last]]
        if not lines:
            return None
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return " ".join(line.decode(errors="replace").strip() for line in lines)


@lru_cache(maxsize=256)
def _positions(
    code: CodeType,
) -> tuple[tuple[int | None, int | None, int | None, int | None], ...]:
    return tuple(code.co_positions())


def _tensors(result: object) -> list[torch.Tensor]:
    return list(_flat(result))


def _flat(result: object) -> Iterator[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        yield result
    elif isinstance(result, list | tuple):
        for part in result:
            if isinstance(part, torch.Tensor):
                yield part
