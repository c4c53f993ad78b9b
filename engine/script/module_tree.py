"""The modules inside an `nn.Module`, found without asking it.

`named_modules` and its like may be overridden, and fail in a module whose `__init__` has not come
to `super().__init__()`. Modules in a plain list, which torch does not know, are found as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch.nn import Module

from engine.script.untouched import Thing, attributes, first_items, first_of, is_a, key_text

Own = Callable[[type], bool]
"""Whether a class is the script's own, so that its attributes mean something to its reader."""

WIDTH_LIMIT = 1024
"""Most plain attributes of a module, and items of containers among them, that are looked at."""
REGISTERED_LIMIT = 100_000
"""Most parameters, buffers or modules that one module is seen to hold."""


def modules_in(module: Module, own: Own) -> Iterator[tuple[str, Module]]:
    """The module and those in it, each once, with the way there: ``, `.fc`, `.blocks[0]`."""
    seen: set[int] = set()
    stack = [("", module)]
    while stack:
        path, part = stack.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield path, part
        inner = [(path + way, child) for way, child in registered(part, "_modules", Module)]
        if own(type(part)):
            inner += [(path + way, child) for way, child in unregistered(part, Module)]
        inner.reverse()
        stack += inner


def registered(module: Module, kind: str, wanted: type[Thing]) -> list[tuple[str, Thing]]:
    """What a module has in `_parameters`, `_buffers` or `_modules`; nothing before it is set up."""
    held = attributes(module).get(kind)
    if not held or not is_a(held, dict):
        return []
    return [
        (f".{name}", part)
        for name, part in first_items(held, REGISTERED_LIMIT)
        if is_a(part, wanted) and type(name) is str
    ]


def unregistered(module: Module, wanted: type[Thing]) -> Iterator[tuple[str, Thing]]:
    """Among a module's other attributes, and the items of plain containers among them."""
    left = WIDTH_LIMIT
    for name, thing in first_items(attributes(module), left):
        left -= 1
        if type(name) is not str or name.startswith("_"):
            continue
        if is_a(thing, wanted):
            yield f".{name}", thing
            continue
        for i, part in enumerate(first_of(thing, 0, left)):
            left -= 1
            if is_a(part, wanted):
                key = key_text(first_items(thing, i + 1)[i][0], i) if is_a(thing, dict) else i
                yield f".{name}[{key}]", part
