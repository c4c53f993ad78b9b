"""Seeing every torch call a script makes, and what it has done.

The calls are seen while a window is open; between windows torch knows nothing of us.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from sys import gettrace
from threading import get_ident
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    MethodDescriptorType,
    MethodWrapperType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional
import torch.overrides
from torch.overrides import TorchFunctionMode

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import capture
from engine.autograd.graph import Backward
from engine.autograd.notes import NOTE_KEY
from engine.autograd.quiet import node_of, quiet, requires_grad
from engine.autograd.shared_gradients import assigns_attributes
from engine.recording.journal import Journal
from engine.script.frames.expressions import Expressions
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.script_errors import message_of
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.node_lines import next_sequence_number
from engine.script.lines.node_notes import NodeNotes
from engine.script.unseen.our_frames import calls_the_script, outwards
from engine.untraced import briefly_untraced

if TYPE_CHECKING:
    from engine.script.checks.checks import Checks

_PASSES: tuple[Callable[..., Any], ...] = (
    torch.Tensor.backward,
    torch.autograd.backward,
    torch.autograd.grad,
)


class Watch(TorchFunctionMode):
    """While open, notes what the script that `tracer` follows does with torch."""

    def __init__(
        self, files: OwnFiles, tracer: Tracer, journal: Journal, *, checked: bool = True
    ) -> None:
        """With `checked` mistakes are looked for."""
        super().__init__()
        expressions = Expressions(files)
        self.notes = NodeNotes(files, tracer, journal, expressions)
        """What is left at the nodes that calls make."""
        self._tracer = tracer
        self._journal = journal
        self.checks: Checks | None = None
        """What looks for mistakes in the calls."""
        if checked:
            from engine.script.checks.checks import Checks  # late: the app needs none

            scope = tracer.lines.scope
            self.checks = Checks(
                journal, files, scope.tensors, scope.variables, expressions.nearest
            )

    def open(self) -> None:
        """See every torch call of this thread from now on."""
        self.close()  # which could not be done from another thread that was followed meanwhile
        # In the middle of a call that came to us torch brings us back by itself.
        if not any(frame.f_code is _CALL for frame in outwards(sys._getframe(1))):
            self.__enter__()  # type: ignore[no-untyped-call]

    def close(self) -> bool:
        """See none any more; False where that must wait, since a call of ours still runs.

        The script may have entered modes of its own since, and not left them yet.
        """
        above: list[Any] = []
        found = False
        while torch._C._len_torch_function_stack():
            mode = torch._C._pop_torch_function_stack()
            if mode is self:
                found = True
                break
            above.append(mode)
        for mode in reversed(above):
            torch._C._push_on_torch_function_stack(mode)
        return found

    @calls_the_script
    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run the call, and keep what is to be seen of it."""
        thread = self._tracer.thread
        if torch._C._get_tracing_state() is not None or get_ident() != thread.ident:
            call = func if type(func) is not MethodWrapperType else partial(_of_attribute, func)
            return call(*args, **(kwargs or {}))  # what `jit.trace` sees is the script's alone
        frame = sys._getframe(1)
        if type(func) not in _BUILT_IN:
            func = _unpatched(func, frame)
        before, passes = next_sequence_number(), self._journal.backward_count
        try:
            if type(func) is MethodWrapperType:
                result = _of_attribute(func, *args, **(kwargs or {}))
            else:
                result = func(*args, **(kwargs or {}))
        except Exception as error:
            with torch._C.DisableTorchFunction():
                if get_ident() != thread.ident:
                    pass
                elif func not in _PASSES:
                    if self.checks is not None:
                        self.checks.calls.refused(func, args, error, frame)
                elif passes == self._journal.backward_count:
                    self._refused(args, error)
            raise
        if get_ident() != thread.ident:
            return result
        if gettrace() is not self._tracer:
            self._tracer.put_back(frame)
        # A subclass of the script's is not to see how its tensors are looked at.
        with briefly_untraced(), torch._C.DisableTorchFunction():
            self._look(func, args, kwargs, result, before, frame)
        return result

    def _look(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None,
        result: Any,
        before: int,
        frame: FrameType,
    ) -> None:
        """See what a call has done; nodes are numbered from `before` on since it began."""
        name = getattr(func, "__name__", "")
        wrote = _may_write(name) or bool(kwargs and not _WRITTEN.isdisjoint(kwargs))
        if not wrote and type(result) in _FACTS:
            return
        if wrote:
            self._tracer.lines.moments.may_have_written = True
            if name.startswith(_AT_ONCE):
                self._tracer.lines.moments.has_stepped_at_once = True
        if self.checks is not None:
            if func is torch.autograd.grad:
                self.checks.calls.differentiated(args, kwargs, result, frame)
            elif func not in _PASSES:
                self.checks.calls.called(func, args, kwargs, result, frame, wrote=wrote)
        # An assignment to a part, `x[0] = …`, gives nothing back and changes its argument.
        try:
            for output in _flat(args[:1] if result is None else result):
                node: AutogradNode = node_of(output)
                if node is None:
                    if self._tracer.is_resting and requires_grad(output):
                        self._tracer.stir(frame)
                elif NOTE_KEY not in node.metadata:
                    self._tracer.stir(frame)
                    with quiet():
                        self.notes.leave(node, output, before, frame)
            if wrote and not kwargs and args and type(args[0]) is torch.Tensor:
                self.notes.leave_part(func, args)
        except Exception as error:  # whatever it is, the script's own call has worked
            self._journal.note(f"a torch call could not be looked at: {type(error).__name__}")

    def _refused(self, args: tuple[Any, ...], error: Exception) -> None:
        """A backward pass that torch would not begin, as of several elements without weights."""
        with contextlib.suppress(Exception):
            graph = capture(list(_flat(args[0])), self._tracer.lines.scope.tensors(), for_good=True)
            reason = f"{type(error).__name__}: {message_of(error)}"
            self._journal.add_backward(Backward(graph, (), reason))


@calls_the_script
def _of_attribute(func: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Read or write an attribute of a tensor, which others then know by this function."""
    return func(*args, **options)


assigns_attributes(_of_attribute.__code__)
_CALL = Watch.__torch_function__.__code__
_FACTS = frozenset({bool, int, float, str, torch.Size, torch.device, torch.dtype, torch.layout})
"""What calls give back that only ask a tensor something."""
_BUILT_IN = frozenset(
    (BuiltinFunctionType, MethodDescriptorType, MethodWrapperType, WrapperDescriptorType)
)
_AT_ONCE = "_fused_"
"""How functions begin that step all parameters of an optimizer."""
_WRITTEN = frozenset({"out", "inplace"})
"""Arguments of functions that write where they are told."""


@lru_cache(maxsize=1024)
def _may_write(name: str) -> bool:
    """Whether a function of torch changes a tensor, going by its name: `add_`, `__setitem__`."""
    if name.startswith("__"):
        return name.endswith("__") and name.startswith(("__i", "__set"))
    return name.endswith("_") or not name


def _real_functions() -> dict[CodeType, FunctionType]:
    """Those of torch's own that may be replaced, by their code, before a script has done so."""
    hosts = torch.Tensor, torch.nn.functional, torch.functional, torch.autograd
    found = (one for host in hosts for one in vars(host).values() if type(one) is FunctionType)
    return {one.__code__: one for one in found}


_REAL = _real_functions()


def _unpatched(func: Callable[..., Any], caller: FrameType) -> Callable[..., Any]:
    """What is called, where the script has a function of its own in the place of it.

    That one has called it already: torch gives us what it finds by the name.
    """
    if type(func) is FunctionType and func.__code__ in _REAL:
        return func
    if caller.f_code.co_filename == torch.overrides.__file__ and caller.f_back is not None:
        return _REAL.get(caller.f_back.f_code, func)
    for name, one in vars(torch.Tensor).items():
        if one is func:
            real: Callable[..., Any] = getattr(torch._C.TensorBase, name, func)
            return real
    return func


def _flat(result: object) -> Iterator[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        yield result
    elif isinstance(result, list | tuple):
        for part in result:
            if isinstance(part, torch.Tensor):
                yield part
