"""Gradients that add up from pass to pass, though the parameters have been stepped in between."""

from __future__ import annotations

from collections.abc import Iterator

from engine.autograd.graph import Backward
from engine.autograd.values import Value
from engine.recording.findings import Finding
from engine.recording.gradient_ledger import alike
from engine.script.checks.places import Place, listed


class Zeroing:
    """Compares every pass with the one before it, where that was recorded too."""

    def __init__(self) -> None:
        self._number = -2
        self._before: dict[str, tuple[Value, Value]] = {}
        """By the name of a leaf, its value and its `.grad` when the last pass had ended."""

    def after(
        self, backward: Backward, number: int, moment: int, place: Place
    ) -> Iterator[Finding]:
        """What a pass tells with the one before: a leaf was changed, and its `.grad` was kept."""
        names: list[str] = []
        now: dict[str, tuple[Value, Value]] = {}
        for gradient in backward.gradients:
            leaf = backward.graph.nodes[gradient.node]
            if not leaf.is_leaf or leaf.name is None or leaf.value is None:
                continue
            then = self._before.get(leaf.name) if number == self._number + 1 else None
            kept = gradient.grad_before
            if then is None or kept is None or kept.is_zero:
                pass
            elif alike(then[1], kept) and not alike(then[0], leaf.value):
                names.append(leaf.name)
            if gradient.grad_after is not None:
                now[leaf.name] = leaf.value, gradient.grad_after
        self._number, self._before = number, now
        if names:
            yield Finding(
                "zeroing",
                f"The gradients of pass {number - 1} were still there in pass {number}: "
                f"{listed(names)} {'have' if len(names) > 1 else 'has'} the sum of both in .grad.",
                "backward adds to .grad, and nothing has zeroed it since the step, so every step "
                "goes along all gradients so far.",
                "Call `optimizer.zero_grad()` (or `.grad.zero_()`) before every backward.",
                line=place.line,
                file=place.file,
                number=number,
                moment=moment,
            )
