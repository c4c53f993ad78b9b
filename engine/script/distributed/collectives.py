"""Every call in which the ranks wait for each other, seen where the script's process makes it.

What is reached last is kept in mind, and written only where it is of use: when a call lasts longer
than they usually do, as one that hangs, and otherwise every few seconds.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import time
from types import FrameType, ModuleType
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed import distributed_c10d
from torch.distributed.device_mesh import DeviceMesh

from engine.autograd.not_compiled import never_compile
from engine.recording.journal import Journal
from engine.recording.rank_records import Collective
from engine.script.frames.own_files import OwnFiles
from engine.script.unseen.our_frames import calls_the_script

PREPARING = ("init_process_group", "new_group", "monitored_barrier")
"""Those that come before all others, or between them."""
WAITING = (
    *("all_gather", "all_gather_coalesced", "all_gather_into_tensor", "all_gather_object"),
    *("all_gather_single", "all_reduce", "all_reduce_coalesced", "all_to_all", "all_to_all_single"),
    *("barrier", "batch_isend_irecv", "broadcast", "broadcast_object_list", "gather"),
    *("gather_object", "irecv", "isend", "recv", "recv_object_list", "reduce", "reduce_scatter"),
    *("reduce_scatter_single", "reduce_scatter_tensor", "scatter", "scatter_object_list", "send"),
    *("send_object_list", "_all_gather_base", "_reduce_scatter_base"),
)
"""Functions of `torch.distributed` in which a rank waits for others."""
BETWEEN_TWO = frozenset(
    ("batch_isend_irecv", "irecv", "isend", "recv", "recv_object_list", "send", "send_object_list")
)
"""Those that not all ranks make: like those of a group they have the number of the one before."""
FUNCTIONAL = "torch.distributed._functional_collectives"
"""Where distributed tensors have theirs; it is loaded with them."""
FUNCTIONS = (
    *("all_gather_into_tensor_coalesced", "all_gather_tensor", "all_reduce"),
    *("all_reduce_coalesced", "all_to_all_single", "broadcast", "reduce_scatter_tensor"),
    "reduce_scatter_tensor_coalesced",
)
LASTING_SECONDS = 0.1
"""A call of less is not written while it lasts."""
USUAL = 4
"""Nor one of less than so many times what they take on average."""
EVERY_SECONDS = 5.0
"""How often the last call is written while calls come and go."""
_WORKS_LIMIT = 1000
"""Most calls without `wait()` that are remembered."""

Call = Callable[..., Any]
Around = Callable[[str, tuple[Any, ...], dict[str, Any], Call], Any]
"""Is given the name of a collective, its arguments, and what calls it."""


class Collectives:
    """Sees the collectives of one thread, and writes the one that was reached last."""

    def __init__(self, journal: Journal, files: OwnFiles) -> None:
        self._journal = journal
        self._files = files
        self._thread = threading.get_ident()
        self._inside = False
        self._number = -1
        self._last: Collective | None = None
        self._seen: Collective | None = None
        """The last one as it was when the journal was asked for last."""
        self._written: Collective | None = None
        self._written_at = 0.0
        self._average = 0.0
        self._works: OrderedDict[int, Collective] = OrderedDict()
        """Of calls that go on after they have returned, by the `id` of what they gave back."""
        self._patched: list[tuple[Any, str, Any]] = []
        self._functional = False
        self.begun = -1
        """The number of the pass that began last."""
        self.around: Around = lambda name, args, options, call: call(*args, **options)
        """Runs a collective of the script's own, outside of all others."""
        self.waited: Callable[[object], None] = lambda work: None
        """Is told of a call without `wait()` that somebody has waited for."""

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """While entered, collectives are seen."""
        for name in (*PREPARING, *WAITING):
            real = getattr(distributed_c10d, name, None)
            if real is not None:
                seen = self._seeing(name.removeprefix("_").removesuffix("_base"), real)
                self._patch((dist, distributed_c10d), name, seen)
        work = getattr(distributed_c10d, "Work", None)
        if work is not None:
            self._patch((work,), "wait", self._waiting(work.wait))
        self.see_functional()
        try:
            yield
        finally:
            for where, name, real in reversed(self._patched):
                setattr(where, name, real)
            self._patched.clear()

    def see_functional(self) -> None:
        """See those of distributed tensors too, once they are loaded."""
        module = sys.modules.get(FUNCTIONAL)
        if self._functional or type(module) is not ModuleType:
            return
        if getattr(getattr(module, "__spec__", None), "_initializing", False):
            return
        self._functional = True
        for name in FUNCTIONS:
            real = getattr(module, name, None)
            if real is not None:
                self._patch((module,), name, self._seeing(name, real))

    @contextlib.contextmanager
    def lasting(self, operation: str, frame: FrameType | None) -> Iterator[None]:
        """While entered, the process is in a collective that torch itself calls."""
        before, self._inside = self._inside, True
        self._begin(operation, self._files.nearest(frame))
        try:
            yield
            self._ended()
        finally:
            self._inside = before

    def write(self, *, last: bool = False) -> None:
        """Write the collective that was reached last, where it is time; any thread may call it."""
        now, collective = time(), self._last
        if collective is None or collective is self._written:
            return
        settled = collective is self._seen
        self._seen = collective
        lasts = now - collective.began > max(LASTING_SECONDS, USUAL * self._average)
        due = settled if collective.ended else lasts
        if last or due or now - self._written_at > EVERY_SECONDS:
            self._written, self._written_at = collective, now
            self._journal.reached(collective)

    def _patch(self, places: Sequence[Any], name: str, seen: Any) -> None:
        for where in places:
            real = vars(where).get(name)
            if real is not None:
                self._patched.append((where, name, real))
                setattr(where, name, seen)

    def _seeing(self, name: str, real: Call) -> Call:
        @calls_the_script
        def call(*args: Any, **options: Any) -> Any:
            if torch.compiler.is_compiling():  # what is compiled has the real one in it
                return real(*args, **options)
            if self._inside or threading.get_ident() != self._thread:
                return real(*args, **options)
            self._inside = True
            try:
                with contextlib.suppress(Exception):
                    of_all = name not in BETWEEN_TWO and self._is_of_all(args, options)
                    self._begin(name, self._files.nearest(sys._getframe(1)), of_all=of_all)
                result = self.around(name, args, options, real)
                self._returned(result)
                return result
            finally:
                self._inside = False

        never_compile(call.__code__)
        return functools.wraps(real)(call)

    def _waiting(self, real: Call) -> Call:
        @calls_the_script
        def wait(work: Any, *args: Any, **options: Any) -> Any:
            known = self._works.pop(id(work), None)
            if known is None or self._inside or threading.get_ident() != self._thread:
                return real(work, *args, **options)
            self._last = known
            result = real(work, *args, **options)
            self._ended()
            self.waited(work)
            return result

        never_compile(wait.__code__)
        return functools.wraps(real)(wait)

    def _is_of_all(self, args: Sequence[Any], options: dict[str, Any]) -> bool:
        """Whether all ranks make a call, so that they count it alike."""
        try:
            ranks = ranks_in(args, options)
            return ranks is None or ranks == dist.get_world_size()
        except Exception:
            return True

    def _begin(self, operation: str, frame: FrameType | None, *, of_all: bool = True) -> None:
        self._number += of_all
        line, file = 0, 0
        if frame is not None:
            line, file = frame.f_lineno, self._files.index(frame.f_code.co_filename) or 0
        number = self._number
        self._last = Collective(number, operation, self.begun, line, file, time())

    def _returned(self, result: object) -> None:
        """A call has given something back: one that goes on is over only when it is waited for."""
        if isinstance(result, dist.Work) and self._last is not None:
            self._works[id(result)] = self._last
            if len(self._works) > _WORKS_LIMIT:
                self._works.popitem(last=False)
        self._ended()

    def _ended(self) -> None:
        last = self._last
        if last is not None and not last.ended:
            # Those that prepare wait for processes to start, which tells nothing of the others.
            if last.operation not in PREPARING:
                self._average += (time() - last.began - self._average) / 8
            self._last = replace(last, ended=True)


def ranks_in(args: Sequence[Any], options: dict[str, Any]) -> int | None:
    """Over how many ranks a collective goes; None where it is called for the default group."""
    group: Any = options.get("group")
    if group is None:
        kinds = dist.ProcessGroup, DeviceMesh, tuple
        group = next((one for one in args[1:] if isinstance(one, kinds)), None)
    if isinstance(group, tuple) and len(group) == 2 and isinstance(group[0], DeviceMesh):
        return group[0].size(group[1])
    if isinstance(group, DeviceMesh):
        return group.size()
    if isinstance(group, list):
        return len(group)
    return None if group is None else int(dist.get_world_size(group))


def backend_of(kind: str) -> str:
    """The backend of the default group; of one that has several, that for devices of a kind.

    Several it has where none was asked for, as by `init_device_mesh`: `cpu:gloo,cuda:nccl`.
    """
    name = str(dist.get_backend())
    if name not in ("undefined", "custom"):
        return name
    pairs = (one.partition(":") for one in dist.get_backend_config().split(","))
    by_device = {device: backend for device, _, backend in pairs}
    return by_device.get(kind.partition(":")[0], name)


def tensors_of(args: Sequence[Any], options: dict[str, Any]) -> list[torch.Tensor]:
    """The tensors that a collective was called with first, alone or in a list."""
    first = args[0] if args else options.get("tensor", options.get("tensors"))
    parts = first if isinstance(first, list | tuple) else [first]
    return [one for one in parts if isinstance(one, torch.Tensor)]
