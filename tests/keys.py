"""Every key that something in the app answers to: collected, so that no binding is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.keys import REPLACED_KEYS, key_to_character
from textual.widgets import Input

import tui
from tui.app.app import LinregApp

AS_THEY_ARE: tuple[type[DOMNode], ...] = (Input, CommandPalette)
"""Of Textual's own classes those that nothing here derives from."""
ENDING = ("quit", "suspend_process")
"""What ends the program, or stops it for the shell."""


@cache
def bound() -> tuple[str, ...]:
    """The keys by Textual's names, in order, but for those that end the program or stop it."""
    bindings = list(_bindings())
    ending = {binding.key for binding in bindings if binding.action in ENDING}
    return tuple(sorted({binding.key for binding in bindings} - ending))


@cache
def sendable() -> dict[str, str]:
    """What a terminal sends for them, by name; not all of them can be sent.

    A slash follows a letter, so that no random name of a file begins at the root.
    """
    sent = {key: _sent(key) for key in bound()} | {"slash": "1/"}
    return {key: text for key, text in sent.items() if text}


def _sent(key: str) -> str:
    character = key_to_character(REPLACED_KEYS.get(key, key))
    if character is not None and character.isprintable():
        return character
    sequences = [text for text, keys in ANSI_SEQUENCES_KEYS.items() if keys == (key,)]
    return min(sequences, key=len, default="")


def _bindings() -> Iterator[Binding]:
    for module in walk_packages(tui.__path__, "tui."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    ours = [kind for kind in _below(DOMNode) if kind.__module__.startswith("tui.")]
    for kind in [*ours, *AS_THEY_ARE]:
        for base in kind.__mro__:
            yield from Binding.make_bindings(vars(base).get("BINDINGS", ()))
    yield Binding(LinregApp.COMMAND_PALETTE_BINDING, "command_palette")


def _below(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)
