"""Every tensor in scope at the current line, what the line changed, and who shares memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len

from engine.autograd.values import TensorView, shape_text
from engine.recording.differences import TensorChange
from tui.kit.picture_view import PictureView
from tui.kit.short_names import shortened
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import fit, safe
from tui.script.change_words import MARK, WAS, TensorWords
from tui.script.nothing_yet import NO_TENSORS
from tui.script.scope import Scope
from tui.script.value_text import short

FACTS = 22
"""Columns in which most tensors say how they came to be: `grad_fn=SigmoidBackward0`."""
NAME_LIMIT = 14
COLUMNS_LEAST = 100
"""From this width on a tensor is one row of columns."""
COLUMNS = (
    ("dtype", 8),
    ("shape", 10),
    ("device", 7),
    ("requires_grad", 14),
    ("leaf", 5),
    ("grad_fn", 20),
    ("version", 8),
)
"""Title and width of what stands between a tensor's name and its numbers."""


SHARED = ("shared with", "shared")
"""Titles of the column of the other names of a tensor's memory, where it has others."""
NOTHING: Row = (Span(NO_TENSORS, "faint"),)


class TensorTable(PictureView):
    """One tensor a row where there is room for columns, else a block of rows."""

    def __init__(self, *, was: str = WAS, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._was = was
        """The word before what a tensor is in what this is compared with."""
        self._scope = Scope()
        self._differs: Sequence[TensorChange] = ()

    def show_scope(self, scope: Scope, differs: Sequence[TensorChange] = ()) -> None:
        """Show the tensors in scope, in columns where there is room, else in blocks.

        Below those that differ from the original stands what they were.
        """
        width = max(self.size.width - 1, 20)
        if (scope, differs) == (self._scope, self._differs) and width == self.picture.width:
            return
        self._scope, self._differs = scope, differs
        tensors, changed, more = scope
        write = _columns if width >= COLUMNS_LEAST else _blocks
        was = {change.name: TensorWords(change, self._was) for change in differs}
        rows = tuple(write(tensors, changed, width, was)) if tensors else (NOTHING,)
        rows += tuple(_gone(differs, width))
        if more:
            rows += ((Span(f"  … and {more:,} more tensors in scope", "faint"),),)
        self.show(Picture(width, rows))

    def on_resize(self) -> None:
        """Write the tensors anew, in columns or blocks as the new width has room for."""
        self.show_scope(self._scope, self._differs)


def shared(tensors: Sequence[TensorView]) -> Mapping[str, tuple[str, ...]]:
    """For every name the other names whose tensors lie in the same memory."""
    names: dict[int, list[str]] = {}
    for tensor in tensors:
        names.setdefault(tensor.storage, []).append(tensor.name)
    return {
        tensor.name: tuple(name for name in names[tensor.storage] if name != tensor.name)
        for tensor in tensors
    }


def _columns(
    tensors: Sequence[TensorView],
    changed: Sequence[str],
    width: int,
    was: Mapping[str, TensorWords],
) -> Iterator[Row]:
    name = max(_name_width(tensors), len("name"))
    rest = width - name - 4 - sum(wide for _, wide in COLUMNS)
    others, short_name = shared(tensors), _short_names(tensors, name)
    beside = rest * 3 // 10 if any(others.values()) else 0
    value = (rest - beside) * 4 // 7
    grad = rest - beside - value
    titles = "".join(title.ljust(wide) for title, wide in COLUMNS)
    title = next((words for words in SHARED if len(words) <= beside), "")
    numbers = f"{'value':<{value}}{'grad':<{grad}}{title}"
    yield (Span(f"  {fit('name', name)}  {titles}{numbers}", "faint"),)
    for tensor in tensors:
        yield (
            *_label(tensor, changed, short_name[tensor.name], name),
            Span(_in_columns(tensor), "expression"),
            Span(fit(short(tensor.value, value - 2), value), "value"),
            Span(fit(short(tensor.grad, grad - 2) if tensor.grad else "", grad), "gradient"),
            Span(fit(safe(", ".join(others[tensor.name])), beside), "warning"),
        )
        if tensor.name in was:
            yield _was_row(was[tensor.name], name + 4, width)


def _in_columns(tensor: TensorView) -> str:
    """What is known of a tensor besides its numbers, below the titles of COLUMNS."""
    texts = (
        tensor.dtype,
        shape_text(tensor.shape),
        tensor.device,
        "yes" if tensor.requires_grad else "no",
        "yes" if tensor.is_leaf else "no",
        tensor.grad_fn or "none",
        str(tensor.version),
    )
    columns = zip(texts, COLUMNS, strict=True)
    return "".join(fit(safe(text), wide - 1) + " " for text, (_, wide) in columns)


def _blocks(
    tensors: Sequence[TensorView],
    changed: Sequence[str],
    width: int,
    was: Mapping[str, TensorWords],
) -> Iterator[Row]:
    name = _name_width(tensors)
    margin = Span(" " * (name + 4))
    rest = width - name - 4
    others, short_name = shared(tensors), _short_names(tensors, name)
    for tensor in tensors:
        change = was.get(tensor.name)
        label = _label(tensor, changed, short_name[tensor.name], name)
        value = Span(short(tensor.value, rest), "value")
        yield from _beside(label, value, change.value(rest) if change else "", width)
        facts = _facts(tensor, max(rest, min(FACTS, width - 4)))
        indent = min(name + 4, width - cell_len(facts))  # rather less than cut off
        yield Span(" " * indent), Span(facts, "faint")
        if tensor.grad is not None:
            grad = Span("grad " + short(tensor.grad, rest - 5), "gradient")
            yield from _beside((margin,), grad, change.grad(rest) if change else "", width)
        elif change is not None and (words := change.grad(rest - 2)):
            yield margin, Span(f"{MARK} {words}", "changed")
        if others[tensor.name]:
            words = f"shares memory with {', '.join(others[tensor.name])}"
            yield margin, Span(fit(safe(words), rest), "faint")
        if change is not None and (words := change.flags()):
            yield margin, Span(fit(safe(f"{MARK} {words}"), rest), "changed")


def _beside(before: Row, what: Span, was: str, width: int) -> Iterator[Row]:
    """A row, and what it was in the original beside it, or below where there is no room."""
    margin = sum(cell_len(span.text) for span in before)
    room = width - margin - cell_len(what.text) - 2
    words = f"{MARK} {was}"
    if was and cell_len(words) <= room:
        yield *before, what, Span(f"  {words}", "changed")
        return
    yield *before, what
    if was:
        yield Span(" " * margin), Span(fit(words, width - margin), "changed")


def _was_row(change: TensorWords, margin: int, width: int) -> Row:
    """What differs from the original, in one row: its value, its `.grad`, its flags."""
    room = max(width - margin, 8)
    parts = [change.value(room), change.grad(room), change.flags()]
    words = " · ".join(part for part in parts if part)
    return Span(" " * (margin - 2)), Span(f"{MARK} {fit(safe(words), room)}", "changed")


def _gone(differs: Sequence[TensorChange], width: int) -> Iterator[Row]:
    """The tensors that are in scope in the original only."""
    names = [change.name for change in differs if change.after is None]
    if names:
        words = f"{MARK} not here any more: {', '.join(names)}"
        yield (Span(fit(safe(words), width), "changed"),)


def _facts(tensor: TensorView, width: int) -> str:
    """Shape and kind, and of type, device and version as much as there is room for."""
    least = f"requires_grad={tensor.requires_grad}"
    kind = f"grad_fn={tensor.grad_fn}" if tensor.grad_fn else f"{least} · leaf"
    shape = shape_text(tensor.shape)
    version = f" · v{tensor.version}" if tensor.version else ""
    device = "" if tensor.device == "cpu" else f" {tensor.device}"
    texts = (
        f"{shape} {tensor.dtype}{device} · {kind}{version}",
        f"{shape}{device} · {kind}{version}",
        f"{shape} · {kind}",
        kind,
    )
    last = kind if tensor.grad_fn else least
    return fit(safe(next((text for text in texts if cell_len(text) <= width), last)), width)


def _name_width(tensors: Sequence[TensorView]) -> int:
    return min(max(cell_len(safe(tensor.name)) for tensor in tensors), NAME_LIMIT)


def _short_names(tensors: Sequence[TensorView], width: int) -> dict[str, str]:
    short = shortened((safe(tensor.name) for tensor in tensors), width)
    return {tensor.name: short[safe(tensor.name)] for tensor in tensors}


def _label(tensor: TensorView, changed: Sequence[str], name: str, width: int) -> Row:
    """The name as its kind, with a dot where the line changed it."""
    kind = "op" if tensor.grad_fn else "leaf" if tensor.requires_grad else ""
    return (
        Span("• " if tensor.name in changed else "  ", "changed"),
        Span(fit(name, width) + "  ", f"{kind} title".strip()),
    )
