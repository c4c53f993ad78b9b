"""The least that a recorder in Python does in a deep pass: what such passes are held against.

A program: `least_recorder.py copies|statistics SCRIPT ARGUMENTS`. It runs the script with empty
functions where lines and calls of torch are seen, a hook at every node that copies each gradient
once and, for `statistics`, takes of the copies what the screen shows of every gradient. It names
nothing, compares nothing, describes no node and writes no file.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import ref

import torch
from torch.overrides import TorchFunctionMode

PART = 1 << 16
"""Elements that are read at once: they stay in the cache."""
_Gradients = tuple[torch.Tensor | None, ...]


class EmptyMode(TorchFunctionMode):
    """Sees every call of torch's functions."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call it."""
        return func(*args, **(kwargs or {}))


class GradientCopies:
    """Copies each gradient that passes, once."""

    def __init__(self) -> None:
        self.copies: list[torch.Tensor] = []
        self._known: dict[int, ref[torch.Tensor]] = {}

    def look(self, outgoing: _Gradients, incoming: _Gradients) -> None:
        """What a node's hook is given."""
        known = self._known
        for gradient in (*incoming, *outgoing):
            if gradient is None:
                continue
            seen = known.get(id(gradient))
            if seen is None or seen() is not gradient:
                self.copies.append(gradient.clone())
                known[id(gradient)] = ref(gradient)

    def statistics(self) -> list[torch.Tensor]:
        """Norm, sum, least and largest of the copies, those of one shape together."""
        shapes: dict[torch.Size, list[torch.Tensor]] = defaultdict(list)
        for copy in self.copies:
            shapes[copy.shape].append(copy)
        found = []
        for shape, copies in shapes.items():
            count = max(1, PART // max(1, shape.numel()))
            for start in range(0, len(copies), count):
                some = copies[start : start + count]
                found.append(_statistics(torch.stack(some).view(len(some), -1)))
        return found


def _statistics(rows: torch.Tensor) -> torch.Tensor:
    wide = rows.double()
    norms, sums = torch.linalg.vector_norm(wide, dim=1), wide.sum(1)
    return torch.stack([norms, sums, rows.amin(1).double(), rows.amax(1).double()])


def nodes_of(root: Any) -> list[Any]:
    """The nodes that a pass from the root may run."""
    nodes, seen, waiting = [], {root}, [root]
    while waiting:
        nodes.append(node := waiting.pop())
        for after, _ in node.next_functions:
            if after is not None and after not in seen:
                seen.add(after)
                waiting.append(after)
    return nodes


def watched(backward: Callable[..., None], *, statistics: bool) -> Callable[..., None]:
    """A tensor's `backward` with a hook at every node."""

    def watch(tensor: torch.Tensor, *args: Any, **options: Any) -> None:
        copies = GradientCopies()
        hooks = [node.register_hook(copies.look) for node in nodes_of(tensor.grad_fn)]
        backward(tensor, *args, **options)
        if statistics:
            copies.statistics()
        for hook in hooks:
            hook.remove()

    return watch


def main() -> None:
    """Run the script of the command line."""
    kind, script, *arguments = sys.argv[1:]

    def local(frame: FrameType, event: str, arg: object) -> Any:
        return local

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        return local if frame.f_code.co_filename == script else None

    backward = watched(torch.Tensor.backward, statistics=kind == "statistics")
    torch.Tensor.backward = backward  # type: ignore[method-assign]
    sys.argv = [script, *arguments]
    code = compile(Path(script).read_text(), script, "exec")
    with EmptyMode():
        sys.settrace(trace)
        exec(code, {"__name__": "__main__", "__file__": script})


if __name__ == "__main__":
    main()
