"""What of the user's own is opened in the Graph tab: a file, or a tensor that is alive."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.autograd.graph import Backward, Node
from engine.recording.records import Moment, Recording, ScriptError

if TYPE_CHECKING:
    from engine.script.live_tensor import Live  # imports torch


@dataclass(frozen=True, slots=True)
class Script:
    """A Python file of the user's, to be executed line by line."""

    path: Path
    arguments: tuple[str, ...] = ()
    """What follows the path in the script's `sys.argv`."""
    tensor: str | None = None
    """The name to open at; None for the last backward pass."""

    @property
    def key(self) -> str:
        """What tells it from other subjects: the file, whatever path leads there."""
        return os.path.realpath(self.path)

    @property
    def title(self) -> str:
        """What the list of lessons shows."""
        return self.path.name


@dataclass(frozen=True, slots=True, eq=False)
class LiveTensor:
    """A tensor in a program that waits until it has been looked at."""

    live: Live
    name: str

    @property
    def key(self) -> str:
        """What tells it from other subjects: there is one live tensor at most."""
        return "live tensor"

    @property
    def title(self) -> str:
        """What the list of lessons shows."""
        return self.name

    def details(self, node: Node) -> Node:
        """The node with all that can be known of it, read only now where the graph is large."""
        live = self.live.details(node.id)
        return replace(node, value=node.value or live.value, saved=live.saved, freed=live.freed)


Subject = Script | LiveTensor


def rehearsed(subject: LiveTensor) -> Recording:
    """A live tensor as a script of two lines: the tensor, and its backward pass.

    The pass is the real one, but leaves every `.grad` and the graph as they are.
    """
    from engine.autograd.backward import BackwardFailed  # imports torch

    live, error = subject.live, None
    backward: Backward | None
    try:
        backward = live.rehearse()
    except BackwardFailed as failure:
        backward = failure.backward
        kind, _, message = (backward.error or "").partition(": ")
        error = ScriptError(kind, message, 2)
    look = Moment(1, 0, "", "", live.tensors, (), graph=0, backward=None, more=live.more)
    run = replace(look, line=2, graph=1, backward=0, error=error)
    return Recording(
        name=subject.name,
        source=f"{subject.name}\n{subject.name}.backward()  # rehearsed: no .grad changes\n",
        moments=(look, run),
        graphs=(live.graph, backward.graph),
        backwards=(backward,),
        ending="end",
    )
