"""What of the user's own is opened in the Graph tab: a script, a recording, a live tensor."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.autograd.graph import Backward, Node
from engine.lessons import Lesson
from engine.recording.pass_plan import Plan
from engine.recording.records import Moment, Recording, ScriptError
from engine.script.frames.source_file import read_source
from engine.script.interventions import Change
from engine.script.process.child import ScriptCall

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
    module: bool = False
    """Whether `path` is the dotted name of a module, as after Python's `-m`."""
    plan: Plan = Plan()  # noqa: RUF009 - it is frozen
    """Which of its passes are recorded line by line."""
    keep: Path | None = None
    """The file in which the recording stays; None: it goes when it is no longer looked at."""
    source: str | None = None
    """The text that is run in place of the file's: a version that somebody has made of it."""
    change: Change | None = None
    """What is supposed of its numbers; None: it runs as it is."""

    @property
    def key(self) -> str:
        """What tells it from other subjects: the file, whatever path leads there."""
        file = f"-m {self.path}" if self.module else os.path.realpath(self.path)
        return file if self.source is None else f"your version of {file}"

    @property
    def title(self) -> str:
        """What the list of lessons shows."""
        if self.source is not None:
            return f"your version of {self.path if self.module else self.path.stem}"
        return str(self.path) if self.module else self.path.name

    @property
    def call(self) -> ScriptCall:
        """What is run, but for a `source` in its place."""
        return ScriptCall(str(self.path), self.module, self.arguments, change=self.change)

    def text(self) -> str:
        """Read what is to be run; empty for a module that is not found in the working directory.

        Raises SourceError where a file cannot be read.
        """
        if self.source is not None:
            return self.source
        if not self.module:
            return read_source(self.path)
        folder = Path(*str(self.path).split("."))
        for path in (folder.with_suffix(".py"), folder / "__main__.py"):
            if path.is_file():
                return read_source(path)
        return ""


@dataclass(frozen=True, slots=True)
class SavedRun:
    """The recording of a script in a file, which may still be written."""

    path: Path
    pass_number: int | None = None
    """The pass to open at, from 0; None for the last one with lines."""

    @property
    def has_ranks(self) -> bool:
        """Whether it is a folder, with a recording of every rank."""
        return self.path.is_dir()

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


Subject = Script | SavedRun | LiveTensor

Start = Subject | Lesson
"""What the Graph tab may begin with."""


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
