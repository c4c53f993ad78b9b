"""Every tensor in scope at the current line, and what the line changed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from engine.moments import Moment
from engine.values import TensorView, shape_text
from tui.drawing.numbers import short
from tui.drawing.picture import Picture, Span
from tui.text import fit, safe
from tui.widgets.picture_view import PictureView

NAME_LIMIT = 14


class TensorTable(PictureView):
    """One tensor a block: name, facts and value, and its gradient where it has one."""

    def show_moment(self, moment: Moment | None) -> None:
        """The tensors after an executed line; None before the first."""
        width = max(self.size.width - 1, 20)
        tensors = moment.tensors if moment else ()
        changed = moment.changed if moment else ()
        name = min(max((cell_len(t.name) for t in tensors), default=1), NAME_LIMIT)
        rows = [row for t in tensors for row in _rows(t, t.name in changed, name, width)]
        if not rows:
            rows = [(Span("no tensors yet", "faint"),)]
        self.show(Picture(width, tuple(rows)))


def _rows(tensor: TensorView, changed: bool, name: int, width: int) -> Iterator[tuple[Span, ...]]:
    kind = "leaf" if tensor.requires_grad and tensor.is_leaf else "op" if tensor.grad_fn else ""
    mark = Span("• " if changed else "  ", "changed")
    label = Span(fit(safe(tensor.name), name) + "  ", f"{kind} title".strip())
    rest = width - name - 4
    yield mark, label, Span(short(tensor.value, rest), "value")
    how = "leaf, tracked" if kind == "leaf" else tensor.grad_fn or "not tracked"
    facts = f"{shape_text(tensor.shape)} {tensor.dtype} {how}"
    yield Span(" " * (name + 4)), Span(fit(facts, rest), "faint")
    if tensor.grad is not None:
        yield Span(" " * (name + 4)), Span("grad " + short(tensor.grad, rest - 5), "gradient")
