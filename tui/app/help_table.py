"""Every key that works, as a table: step, move, find, change and the rest, pairs on one row."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rich.cells import cell_len
from textual.binding import ActiveBinding, Binding

from tui.kit.key_ids import own_action

_STEP = "step play predict command pass line_breakpoint node_breakpoint breakpoints rate pace"
_MOVE = """move jump beside look look_away go_there newest show_lines pan zoom unzoom scroll turn
order switch chart more toggle_log_y excess across up curvature fold fold_all"""
_FIND = "search hit go_to not_finite pass_with_lines rank advice costs"
_CHANGE = """edit original side_by_side what_if nudge aim undo experiment units outlier branches
find_data"""
GROUPS: Mapping[str, frozenset[str]] = {
    group: frozenset(names.split())
    for group, names in (
        ("Step", _STEP),
        ("Move", _MOVE),
        ("Find", _FIND),
        ("Change", _CHANGE),
    )
}
"""The group of an action by its name; of all others it is the last one, `REST`."""
REST = "App"
PARTNERS = {
    "[": "]", "+": "-", "<": ">", ",": ".", "left": "right", "up": "down", "home": "end",
    "pageup": "pagedown", "tab": "shift+tab", "shift+left": "shift+right",
    "ctrl+left": "ctrl+right",
}  # fmt: skip
TEXTUALS = {
    "quit": "Quit",
    "focus_next": "Next part: the arrow keys are its own",
    "focus_previous": "Previous part",
    "command_palette": "Commands: finds and runs one",
}
"""Words for actions that come with Textual, which has others for them."""
NAMES = {"question_mark": "?", "less_than_sign": "<", "greater_than_sign": ">"}


class HelpRow(NamedTuple):
    """Keys and what they do."""

    keys: str
    words: str
    action: str
    """The name of the action, without what it is called with."""


def groups(bindings: Mapping[str, ActiveBinding]) -> dict[str, list[HelpRow]]:
    """Return the rows of every group that has any, groups and rows in their order."""
    rows = list(_paired(_rows(active.binding for active in bindings.values())))
    found = {group: [row for row in rows if row.action in names] for group, names in GROUPS.items()}
    known = frozenset().union(*GROUPS.values())
    found[REST] = [row for row in rows if row.action not in known]
    return {group: members for group, members in found.items() if members}


def lines_of(row: HelpRow, keys_width: int, width: int) -> Iterator[tuple[str, str]]:
    """Yield the row's lines: its keys, right-aligned, and words that go on below themselves.

    Keys that are longer have a line of their own.
    """
    keys = " " * (keys_width - cell_len(row.keys)) + row.keys
    if cell_len(keys) > keys_width:
        yield keys, ""
        keys = " " * keys_width
    for line in textwrap.wrap(row.words, max(width - keys_width - 2, 20)) or [""]:
        yield keys, line
        keys = " " * keys_width


def _rows(bindings: Iterable[Binding]) -> list[HelpRow]:
    """One row for all that has the same words; several keys of one action share it."""
    keys: dict[tuple[str, str], list[str]] = {}
    for binding in bindings:
        action = _name(binding.action)
        words = binding.description + (f": {binding.tooltip}" if binding.tooltip else "")
        words = TEXTUALS.get(binding.action.removeprefix("app."), words)
        if words and action != "screen":
            keys.setdefault((words, action), []).append(_key(binding))
    return [
        HelpRow(" ".join(dict.fromkeys(names)), words, action)
        for (words, action), names in keys.items()
    ]


def _paired(rows: Iterable[HelpRow]) -> Iterator[HelpRow]:
    """With two rows as one where one key undoes the other."""
    before: HelpRow | None = None
    for row in rows:
        if before is not None and before.action == row.action and _undoes(before, row):
            keys, words = f"{before.keys}  {row.keys}", f"{before.words} · {row.words}"
            yield HelpRow(keys, words, row.action)
            before = None
            continue
        if before is not None:
            yield before
        before = row
    if before is not None:
        yield before


def _undoes(one: HelpRow, other: HelpRow) -> bool:
    first, second = one.keys.split()[0], other.keys.split()[0]
    capital = len(first) == 1 and first.islower() and second == first.upper()
    return capital or PARTNERS.get(first) == second or PARTNERS.get(second) == first


def _name(action: str) -> str:
    """`step('next')` is `step`, `of('graph', "move('left')")` is `move`."""
    return re.split(r"[.(]", own_action(action))[0]


def _key(binding: Binding) -> str:
    return binding.key_display or NAMES.get(binding.key, binding.key)
