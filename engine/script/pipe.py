"""A journal's entries on their way from the child that runs a script to its parent.

They travel as pickles: they are tens of thousands of small nested records with much in common
between lines, which a pickler's memo sends once. They are read by an unpickler that knows the
record classes and nothing else, so a script that writes to the pipe can end its own recording
but not make the parent run anything. Torch-free.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import IO, Any, ClassVar

from engine.autograd import graph, values
from engine.recording import records
from engine.recording.journal import Journal

LENGTH = struct.Struct("<Q")
"""The header of every message: its size in bytes, little endian."""
ENTRIES = frozenset({"begin", "add_graph", "add_backward", "add_moment", "blame"})
"""The messages that are methods of a `Journal`; the only other one is `end`."""


class _Pickler(pickle.Pickler):
    """Takes the fields of records all at once.

    The way that dataclasses bring with them is a generator in Python, slow while it is traced.
    """

    def reducer_override(self, thing: Any) -> Any:
        kind = type(thing)
        if not is_dataclass(kind) or not hasattr(kind, "__slots__"):
            return NotImplemented
        return copyreg.__newobj__, (kind,), list(_getter(kind)(thing))  # type: ignore[attr-defined]


@cache
def _getter(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(field.name for field in fields(kind)))


class Sender(Journal):
    """The child's side: a journal that sends every entry on."""

    def __init__(self, name: str, source: str, channel: int) -> None:
        super().__init__(name, source)
        self._process = os.getpid()
        self._pipe = open(channel, "wb")  # noqa: SIM115 - as long as the process
        self._message = io.BytesIO()
        self._pickler = _Pickler(self._message, pickle.HIGHEST_PROTOCOL)

    def begin(self, line: int) -> None:
        """Add the line to the journal and send it to the parent."""
        super().begin(line)
        self.send("begin", line)

    def add_graph(self, graph: graph.Graph) -> None:
        """Add the graph to the journal and send it to the parent."""
        super().add_graph(graph)
        self.send("add_graph", graph)

    def add_backward(self, backward: graph.Backward) -> None:
        """Add the backward pass to the journal and send it to the parent."""
        super().add_backward(backward)
        self.send("add_backward", backward)

    def add_moment(self, moment: records.Moment) -> None:
        """Add the moment to the journal and send it to the parent."""
        super().add_moment(moment)
        self.send("add_moment", moment)

    def blame(self, index: int, silent: tuple[records.SilentWrite, ...]) -> None:
        """Add the silent writes to an earlier moment and send them to the parent."""
        super().blame(index, silent)
        self.send("blame", index, silent)

    def send(self, name: str, *arguments: object) -> None:
        """Send one message; the process ends where nobody reads any more.

        A process that the script forked sends nothing and runs on.
        """
        if os.getpid() != self._process:
            return
        self._pickler.dump((name, arguments))
        data = self._message.getvalue()
        self._message.seek(0)
        self._message.truncate()
        try:
            self._pipe.write(LENGTH.pack(len(data)) + data)
            self._pipe.flush()
        except OSError:
            os._exit(1)


class Receiver(pickle.Unpickler):
    """Messages off a pipe, one at a time; objects met before are the same objects again."""

    _ALLOWED: ClassVar[dict[tuple[str, str], Any]] = {
        (module.__name__, name): thing
        for module in (values, graph, records)
        for name, thing in vars(module).items()
        if isinstance(thing, type) and thing.__module__ == module.__name__
    } | {("builtins", "complex"): complex}

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._message = io.BytesIO()
        super().__init__(self)

    def next(self) -> tuple[str, Any]:
        """Wait for the next message, a name and its arguments; raises EOFError at the end."""
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
        self._message = io.BytesIO(self._exactly(length))
        message: tuple[str, Any] = self.load()
        return message

    def read(self, size: int = -1, /) -> bytes:
        """For the unpickler: from the message at hand, never from what comes after it."""
        return self._message.read(size)

    def readline(self) -> bytes:
        """One line of the message at hand: required by `pickle.Unpickler`."""
        return self._message.readline()

    def find_class(self, module: str, name: str) -> Any:
        """A record class; raises UnpicklingError for anything else."""
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is no record")
        return self._ALLOWED[module, name]

    def _exactly(self, size: int) -> bytes:
        data = self._pipe.read(size)
        if len(data) < size:
            raise EOFError
        return data
