"""Names for what keys do, so that a configuration file can give it other keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.dom import DOMNode


def with_ids(bindings: Iterable[BindingType]) -> list[BindingType]:
    """Return the bindings, those without an id with their action's name as id.

    `command('next')` is `command-next`, `look(-1)` is `look-back`, `look(10)` is `look-on-10`.
    """
    return [
        replace(binding, id=binding.id or _name(binding.action))
        if isinstance(binding, Binding)
        else binding
        for binding in bindings
    ]


def own_action(action: str) -> str:
    """Return an action as it is called by whom it is handed on to: `fold` of `of('graph', 'fold')`.

    One that is not handed on stays as it is.
    """
    inner = re.fullmatch(r"""of\('\w+', (['"])(.+)\1\)""", action)
    return inner[2].replace("\\", "") if inner else action


def keys_of(node: DOMNode) -> dict[str, str]:
    """For every action that works here the key for it, as it is shown."""
    shown: dict[str, str] = {}
    for _, binding, _, _ in node.screen.active_bindings.values():
        shown.setdefault(own_action(binding.action), node.app.get_key_display(binding))
    return shown


def _name(action: str) -> str:
    action = re.sub(r"\((-?)(\d+)\)$", _way, action)
    return re.sub(r"[^a-z0-9]+", "-", action).strip("-")


def _way(steps: re.Match[str]) -> str:
    """How far an action goes, in words: a name has no sign."""
    sign, count = steps.groups()
    return ("-back" if sign else "-on") + ("" if count == "1" else f"-{count}")
