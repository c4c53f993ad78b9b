"""What of the user's own is opened in the Graph tab: a file, or a tensor that is alive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.moments import Moment, Recording, ScriptError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.graph import Backward, Node
    from engine.live import Live
    from engine.values import TensorView


@dataclass(frozen=True, slots=True)
class Script:
    """A Python file to run."""

    path: Path
    arguments: tuple[str, ...] = ()
    """For its `sys.argv`."""
    tensor: str | None = None
    """The name to open at; None for the last backward pass."""

    @property
    def key(self) -> str:
        """What it is told from others by."""
        return str(self.path)

    @property
    def title(self) -> str:
        """Short, for a list."""
        return self.path.name


@dataclass(frozen=True, slots=True, eq=False)
class LiveTensor:
    """A tensor in a program that waits until it has been looked at."""

    live: Live
    name: str
    tensors: tuple[TensorView, ...] = ()
    """What is in scope there."""

    @property
    def key(self) -> str:
        """What it is told from others by."""
        return "live tensor"

    @property
    def title(self) -> str:
        """Short, for a list."""
        return self.name

    def details(self, node: Node) -> Node:
        """The node with all it has saved, which is read only now where the graph is large."""
        live = self.live.details(node.id)
        return replace(node, saved=live.saved, freed=live.freed)


Subject = Script | LiveTensor


def rehearsed(subject: LiveTensor) -> Recording:
    """A live tensor as a script of two lines: the tensor, and its backward pass.

    The pass is the real one, but leaves every `.grad` and the graph as they are.
    """
    from engine.backward import BackwardFailed

    graph, error = subject.live.graph, None
    backward: Backward | None
    try:
        backward = subject.live.rehearse()
    except BackwardFailed as failure:
        backward = failure.backward
        kind, _, message = (backward.error or "").partition(": ")
        error = ScriptError(kind, message, 2)
    look = Moment(1, 0, "", "", subject.tensors, (), graph=0, backward=None)
    run = Moment(2, 0, "", "", subject.tensors, (), graph=1, backward=0, error=error)
    return Recording(
        name=subject.name,
        source=f"{subject.name}\n{subject.name}.backward()  # rehearsed: no .grad changes\n",
        moments=(look, run),
        graphs=(graph, backward.graph),
        backwards=(backward,),
        ending="end",
    )
