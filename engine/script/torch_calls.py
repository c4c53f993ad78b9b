"""Seeing every torch call a script makes: notes on new graph nodes.

A note is left in the node's own metadata, so it lives exactly as long as the graph. The calls are
seen while a window is open; between windows torch knows nothing of us.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import capture
from engine.autograd.graph import LEAF_OP, Backward
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import node_of, output_number, quiet, requires_grad, version_of
from engine.autograd.tensor_reader import quiet_value_of
from engine.recording.journal import Journal
from engine.script.line_tracer import Tracer
from engine.script.module_path import ModulePath
from engine.script.node_lines import next_sequence_number
from engine.script.own_files import OwnFiles
from engine.script.positions import position_of
from engine.script.script_errors import message_of
from engine.script.silent_writes import Fingerprints
from engine.script.written_parts import written_part
from engine.untraced import briefly_untraced

if TYPE_CHECKING:
    from engine.script.checks.checks import Checks

_PASSES: tuple[Callable[..., Any], ...] = (
    torch.Tensor.backward,
    torch.autograd.backward,
    torch.autograd.grad,
)
CALLERS_LIMIT = 8
"""Most lines of the way to an operation that are kept, the innermost ones."""


class Watch(TorchFunctionMode):
    """While open, notes what the script that `tracer` follows does with torch."""

    def __init__(
        self, files: OwnFiles, tracer: Tracer, journal: Journal, *, checked: bool = True
    ) -> None:
        """With `checked` mistakes are looked for."""
        super().__init__()
        self.fingerprints = Fingerprints()
        """Of what the nodes have saved."""
        self._files = files
        self._tracer = tracer
        self._journal = journal
        self._modules = ModulePath(tracer.variables, files.defines)
        self._expressions: dict[tuple[int, int], tuple[CodeType, str | None]] = {}
        """By the `id` of a code, which is kept, and the place of an instruction in it."""
        self.checks: Checks | None = None
        """What looks for mistakes in the calls."""
        if checked:
            from engine.script.checks.checks import Checks  # late: the app needs none

            self.checks = Checks(journal, files, tracer.scope, tracer.variables, self._text)

    def open(self) -> None:
        """See every torch call of this thread from now on."""
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

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run the call, and keep what is to be seen of it."""
        if torch._C._get_tracing_state() is not None:
            return func(*args, **(kwargs or {}))  # what `jit.trace` sees is the script's alone
        if type(func) is FunctionType:
            func = _unpatched(func)
        before, passes = next_sequence_number(), self._journal.backward_count
        frame = sys._getframe(1)
        try:
            result = func(*args, **(kwargs or {}))
        except Exception as error:
            with torch._C.DisableTorchFunction():
                if func not in _PASSES:
                    if self.checks is not None:
                        self.checks.calls.refused(func, args, error, frame)
                elif passes == self._journal.backward_count:
                    self._refused(args, error)
            raise
        if sys.gettrace() is not self._tracer:
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
        wrote = _may_write(getattr(func, "__name__", "")) or bool(
            kwargs and not _WRITTEN.isdisjoint(kwargs)
        )
        if not wrote and type(result) in _FACTS:
            return
        if wrote:
            self._tracer.moments.may_have_written = True
        if self.checks is not None:
            if func is torch.autograd.grad:
                self.checks.calls.differentiated(result, frame)
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
                        self._note(node, output, before, frame)
            if wrote and not kwargs and args and type(args[0]) is torch.Tensor:
                self._note_part(func, args)
        except Exception as error:  # whatever it is, the script's own call has worked
            self._journal.note(f"a torch call could not be looked at: {type(error).__name__}")

    def _note_part(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Add to a node's note which part of its tensor was written."""
        with quiet():
            found = written_part(func, args)
        if found is not None:
            node, written = found
            note = node.metadata.get(NOTE_KEY)
            if note is not None:
                node.metadata[NOTE_KEY] = replace(note, written=written)

    def note_roots(self, roots: Sequence[torch.Tensor]) -> None:
        """Leave notes behind roots that no call has given back, as those of a custom Function."""
        for root in roots:
            node: AutogradNode = node_of(root)
            if node is not None and NOTE_KEY not in node.metadata:
                with quiet():
                    self._note(node, root, sys.maxsize, sys._getframe(1))

    def _refused(self, args: tuple[Any, ...], error: Exception) -> None:
        """A backward pass that torch would not begin, as of several elements without weights."""
        with contextlib.suppress(Exception):
            graph = capture(list(_flat(args[0])), self._tracer.scope(), for_good=True)
            reason = f"{type(error).__name__}: {message_of(error)}"
            self._journal.add_backward(Backward(graph, (), reason))

    def _note(
        self, node: AutogradNode, output: torch.Tensor, before: int, frame: FrameType
    ) -> None:
        """Leave a note on the node, and on those behind it that have none.

        Nodes are numbered as they are made: those from `before` on are this call's, earlier ones
        were made where nobody saw it, as by a custom Function, and go by the line that ran then.
        """
        inside = self._here(frame)
        value = quiet_value_of(output)
        which = version_of(output), output_number(output)
        note = inside.of_output(value, OwnRef(output), *which)
        mine = node._sequence_nr() >= before
        node.metadata[NOTE_KEY] = self._saving(node, note if mine else self._then(node, note))
        stack = [source for source, _ in node.next_functions]
        while stack:
            node = stack.pop()
            if node is None or type(node).__name__ == LEAF_OP or NOTE_KEY in node.metadata:
                continue
            number = node._sequence_nr()
            if number < self._tracer.nodes.first:
                continue
            made = inside if number >= before else self._then(node, inside)
            node.metadata[NOTE_KEY] = self._saving(node, made)
            stack += (source for source, _ in node.next_functions)

    def _saving(self, node: AutogradNode, note: Note) -> Note:
        """The note, with what the node has saved as it is now."""
        prints, kept = self.fingerprints.of(node)
        return note.with_saved(prints, kept) if prints or kept else note

    def _here(self, running: FrameType) -> Note:
        """The line that runs now, and what of it."""
        frame = self._files.nearest(running)
        index = self._files.index(frame.f_code.co_filename) if frame else None
        return Note(
            expression=self._expression(frame, index or 0) if frame else None,
            line=frame.f_lineno if frame else None,
            file=self._files.name(index) if index else None,
            callers=self._callers(frame.f_back) if frame else (),
            module=self._modules.of(running),
            since=self._journal.moment_count,
        )

    def _then(self, node: AutogradNode, now: Note) -> Note:
        """The line that ran when the node was made, as far as it is known."""
        line, file = self._tracer.nodes.line_of(node._sequence_nr())
        if line is None:
            return replace(now, expression=None, line=None, file=None, callers=(), module=None)
        if (line, self._files.name(file) if file else None) == (now.line, now.file):
            return now
        lines = self._files.lines(file)
        text = lines[line - 1].strip() if line <= len(lines) else None
        name = self._files.name(file) if file else None
        return replace(now, expression=text, line=line, file=name, callers=())

    def _text(self, frame: FrameType | None) -> str | None:
        """The source text that runs in the nearest frame of the user's own."""
        own = self._files.nearest(frame)
        if own is None:
            return None
        return self._expression(own, self._files.index(own.f_code.co_filename) or 0)

    def _callers(self, frame: FrameType | None) -> tuple[str, ...]:
        """The lines of the user's own that led here, outermost first."""
        lines: list[str] = []
        while (frame := self._files.nearest(frame)) is not None and len(lines) < CALLERS_LIMIT:
            lines.append(self._files.line(frame))
            frame = frame.f_back
        return tuple(reversed(lines))

    def _expression(self, frame: FrameType, file: int) -> str | None:
        key = id(frame.f_code), frame.f_lasti
        known = self._expressions.get(key)
        if known is None:
            known = self._expressions[key] = frame.f_code, self._written(frame, file)
        return known[1]

    def _written(self, frame: FrameType, file: int) -> str | None:
        first, last, start, end = position_of(frame.f_code, frame.f_lasti)
        if first is None or last is None or start is None or end is None:
            return None
        lines = [line.encode() for line in self._files.lines(file)[first - 1 : last]]
        if not lines:
            return None
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return " ".join(line.decode(errors="replace").strip() for line in lines)


_FACTS = frozenset({bool, int, float, str, torch.Size, torch.device, torch.dtype, torch.layout})
"""What calls give back that only ask a tensor something."""
_WRITTEN = frozenset({"out", "inplace"})
"""Arguments of functions that write where they are told."""


@lru_cache(maxsize=1024)
def _may_write(name: str) -> bool:
    """Whether a function of torch changes a tensor, going by its name: `add_`, `__setitem__`."""
    return re.fullmatch(r"(?!__).*_|__(i\w+|set\w*)__|", name) is not None


def _unpatched(func: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself, where the script has put one of its own around a backward pass.

    That one has called it already: torch gives us what it finds by the name.
    """
    now = torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad
    for real, one in zip(_PASSES, now, strict=True):
        if one is func:
            return real
    return func


def _flat(result: object) -> Iterator[torch.Tensor]:
    if isinstance(result, torch.Tensor):
        yield result
    elif isinstance(result, list | tuple):
        for part in result:
            if isinstance(part, torch.Tensor):
                yield part
