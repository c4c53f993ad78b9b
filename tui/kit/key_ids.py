"""Names for what keys do, so that a configuration file can give it other keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.dom import DOMNode


def with_ids(bindings: Iterable[BindingType]) -> list[BindingType]:
    """The bindings, each with its action's name as id: `command('next')` is `command-next`."""
    return [
        replace(binding, id=_name(binding.action)) if isinstance(binding, Binding) else binding
        for binding in bindings
    ]


def keys_of(node: DOMNode) -> dict[str, str]:
    """For every action that works here the key for it, as it is shown."""
    shown: dict[str, str] = {}
    for _, binding, _, _ in node.screen.active_bindings.values():
        shown.setdefault(binding.action, node.app.get_key_display(binding))
    return shown


def _name(action: str) -> str:
    action = action.replace("(-1)", "-back").replace("(1)", "-on")
    return re.sub(r"[^a-z0-9]+", "-", action).strip("-")
