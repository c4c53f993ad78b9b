"""Notes on the nodes of a graph: which line and expression made each, and what it had saved then.

A note is left in the node's own metadata, so it lives exactly as long as the graph.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.graph import LEAF_OP
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import node_of, output_number, quiet, version_of
from engine.autograd.tensor_reader import quiet_value_of
from engine.recording.journal import Journal
from engine.script.frames.expressions import Expressions
from engine.script.frames.module_path import ModulePath
from engine.script.frames.own_files import OwnFiles
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.silent_writes import Fingerprints
from engine.script.lines.written_parts import written_part

CALLERS_LIMIT = 8
"""Most lines of the way to an operation that are kept, the innermost ones."""


class NodeNotes:
    """Leaves them, for the script that `tracer` follows."""

    def __init__(
        self, files: OwnFiles, tracer: Tracer, journal: Journal, expressions: Expressions
    ) -> None:
        self.fingerprints = Fingerprints()
        """Of what the nodes have saved."""
        self._files = files
        self._tracer = tracer
        self._journal = journal
        self._expressions = expressions
        self._modules = ModulePath(tracer.lines.scope.variables, files.defines)

    def leave(
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
            if number < self._tracer.lines.nodes.first:
                continue
            made = inside if number >= before else self._then(node, inside)
            node.metadata[NOTE_KEY] = self._saving(node, made)
            stack += (source for source, _ in node.next_functions)

    def leave_part(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Add to a node's note which part of its tensor was written."""
        with quiet():
            found = written_part(func, args)
        if found is not None:
            node, written = found
            note = node.metadata.get(NOTE_KEY)
            if note is not None:
                node.metadata[NOTE_KEY] = replace(note, written=written)

    def leave_at_roots(self, roots: Sequence[torch.Tensor]) -> None:
        """Leave notes behind roots that no call has given back, as those of a custom Function."""
        for root in roots:
            if not isinstance(root, torch.Tensor):  # but an edge
                continue
            node: AutogradNode = node_of(root)
            if node is not None and NOTE_KEY not in node.metadata:
                with quiet():
                    self.leave(node, root, sys.maxsize, sys._getframe(1))

    def _saving(self, node: AutogradNode, note: Note) -> Note:
        """The note, with what the node has saved as it is now."""
        prints, kept = self.fingerprints.of(node)
        return note.with_saved(prints, kept) if prints or kept else note

    def _here(self, running: FrameType) -> Note:
        """The line that runs now, and what of it."""
        frame = self._files.nearest(running)
        index = self._files.index(frame.f_code.co_filename) if frame else None
        return Note(
            expression=self._expressions.of(frame, index or 0) if frame else None,
            line=frame.f_lineno if frame else None,
            file=self._files.name(index) if index else None,
            callers=self._callers(frame.f_back) if frame else (),
            module=self._modules.of(running),
            since=self._journal.moment_count,
        )

    def _then(self, node: AutogradNode, now: Note) -> Note:
        """The line that ran when the node was made, as far as it is known."""
        line, file = self._tracer.lines.nodes.line_of(node._sequence_nr())
        if line is None:
            return replace(now, expression=None, line=None, file=None, callers=(), module=None)
        if (line, self._files.name(file) if file else None) == (now.line, now.file):
            return now
        lines = self._files.lines(file)
        text = lines[line - 1].strip() if line <= len(lines) else None
        name = self._files.name(file) if file else None
        return replace(now, expression=text, line=line, file=name, callers=())

    def _callers(self, frame: FrameType | None) -> tuple[str, ...]:
        """The lines of the user's own that led here, outermost first."""
        lines: list[str] = []
        while (frame := self._files.nearest(frame)) is not None and len(lines) < CALLERS_LIMIT:
            lines.append(self._files.line(frame))
            frame = frame.f_back
        return tuple(reversed(lines))
