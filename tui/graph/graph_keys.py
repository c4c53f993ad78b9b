"""The keys of the Graph tab, in the order in which the footer and the help show them.

The pane keeps the focus, so that all of its keys stand in one order. It binds those too whose
actions are GraphWidget's, or methods of objects that it owns, and hands them on (`forwarded`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from textual.binding import Binding, BindingType

from tui.kit.key_ids import with_ids
from tui.script.passes.pass_keys import RANK_KEY

Part = Literal["graph", "stepping", "moves", "nodes", "edits"]
"""GraphWidget, Stepping, PassMoves, NodeActions and LateEditing, as the pane calls them."""

STEP_KEYS: tuple[BindingType, ...] = (
    Binding("n", "step('next')", "Line", id="line", tooltip="run the next line of the script"),
    Binding(
        "N", "step('previous')", "Back", id="line-back", tooltip="back to before the latest line"
    ),
    Binding(
        "s", "step('node')", "Node", id="node", tooltip="into backward, node by node; else as n"
    ),
    Binding(
        "S", "step('node back')", "Back", id="node-back", tooltip="back to before the latest node"
    ),
    Binding("space", "play", "Play", id="play", tooltip="step by itself; again to pause"),
    Binding("c", "step('run')", "Run", id="run", tooltip="to the next breakpoint, else to the end"),
    Binding(
        "f",
        "step('finish')",
        "Finish",
        show=False,
        id="finish",
        tooltip="to the end of this backward pass",
    ),
    Binding(
        "r",
        "step('reset')",
        "Restart",
        show=False,
        id="restart",
        tooltip="back to before the first line",
    ),
)
PREDICT_KEYS: tuple[BindingType, ...] = (
    Binding(
        "P",
        "predict",
        "Predict",
        show=False,
        id="predict",
        tooltip="asked before each step what it will show; again to stop",
    ),
)
LINE_KEYS: tuple[BindingType, ...] = (
    Binding(
        "b",
        "line_breakpoint",
        "Breakpoint on the line",
        show=False,
        id="line-breakpoint",
        tooltip="set or clear",
    ),
)
GRAPH_KEYS: tuple[BindingType, ...] = (
    Binding("slash", "search", "Find", key_display="/", tooltip="op, name, module, shape"),
    Binding("full_stop", "hit(1)", "Next hit", key_display=".", show=False),
    Binding("comma", "hit(-1)", "Previous hit", key_display=",", show=False),
    Binding("v", "switch", "View", tooltip="boxes, or one row a node"),
    Binding("z", "fold", "Fold", show=False, tooltip="or unfold the module or round here"),
    Binding("Z", "fold_all", "Fold all", show=False, tooltip="or unfold all"),
    Binding("i", "jump('inputs')", "To its input", show=False, tooltip="along the edge"),
    Binding("I", "beside('inputs')", "Next input", show=False, tooltip="where it has several"),
    Binding("u", "jump('users')", "To its user", show=False, tooltip="along the edge"),
    Binding("U", "beside('users')", "Next user", show=False, tooltip="where it has several"),
)
GO_KEYS: tuple[BindingType, ...] = (
    Binding(
        "left_square_bracket",
        "pass_with_lines(-1)",
        "Previous pass",
        key_display="[",
        show=False,
        tooltip="that has lines",
    ),
    Binding(
        "right_square_bracket",
        "pass_with_lines(1)",
        "Next pass",
        key_display="]",
        show=False,
        tooltip="that has lines",
    ),
    Binding("g", "go_to", "Go to", show=False, tooltip="a pass by number, a node by name"),
    Binding(
        "exclamation_mark",
        "not_finite",
        "Not finite",
        key_display="!",
        show=False,
        tooltip="to the first nan or infinity of the run, or to what is wrong between ranks",
    ),
)
NODE_KEYS: tuple[BindingType, ...] = (
    Binding(
        "W",
        "what_if",
        "What if",
        show=False,
        tooltip="another gradient came into the node: times 2, 0, or numbers",
    ),
    Binding(
        "plus,equals_sign",
        "nudge(1)",
        "Nudge up",
        key_display="+",
        show=False,
        tooltip="one element of the leaf by ε: how far does the root move?",
    ),
    Binding("minus", "nudge(-1)", "Nudge down", key_display="-", show=False, tooltip="by ε"),
    Binding("x", "aim", "Nudge what", show=False, tooltip="which element of the leaf, by what ε"),
    Binding(
        "backspace",
        "undo",
        "Undo",
        key_display="backspace",
        show=False,
        tooltip="what was supposed: back to the original, and where it stood",
    ),
    Binding("w", "costs", "Costs", show=False, tooltip="where memory and time go"),
    Binding("a", "advice", "Advice", show=False, tooltip="all that is wrong, and every word of it"),
    Binding("B", "node_breakpoint", "Breakpoint on the node", show=False, tooltip="set or clear"),
)
LEAVE_KEYS: tuple[BindingType, ...] = (
    Binding("escape", "leave", "Leave", show=False, tooltip="search, recording, or play"),
)
MOVE_KEYS: tuple[BindingType, ...] = tuple(
    Binding(keys, f"move('{move}')", f"Move {words}", show=False)
    for keys, move, words in (
        ("left,h", "left", "left"),
        ("right,l", "right", "right"),
        ("up,k", "up", "up"),
        ("down,j", "down", "down"),
        ("pageup", "pageup", "a page up"),
        ("pagedown", "pagedown", "a page down"),
        ("home", "home", "to the start"),
        ("end", "end", "to the end"),
    )
)
OPEN_KEYS: tuple[BindingType, ...] = (
    Binding("o", "lessons", "Open", tooltip="a lesson, a mistake, or a file of your own"),
    Binding("L", "lecture", "Lecture", show=False, tooltip="only the graph, and one sentence"),
)
EDIT_KEYS: tuple[BindingType, ...] = (
    Binding(
        "enter",
        "edit(False)",
        "Change",
        key_display="enter",
        show=False,
        id="edit",
        tooltip="the text, at this line; then see what becomes different",
    ),
    Binding(
        "E",
        "edit(True)",
        "Change all of it",
        id="edit-whole",
        show=False,
        tooltip="in an editor as high as the tab",
    ),
    Binding(
        "O", "original", "Original", show=False, tooltip="without your changes; again with them"
    ),
    Binding(
        "vertical_line",
        "side_by_side",
        "Side by side",
        key_display="|",
        show=False,
        tooltip="a mistake and what is right, in lockstep",
    ),
)
PART_KEYS: tuple[BindingType, ...] = (
    Binding("m", "tensors", "Tensors", show=False, tooltip="in scope, all of their facts"),
    Binding("e", "app.export_graph", "Export", show=False, tooltip="for Graphviz"),
)


def pane_keys() -> list[BindingType]:
    """Return the bindings of the pane, each with an id by which a keymap can name it."""
    return [
        *forwarded(STEP_KEYS, "stepping"),
        *PREDICT_KEYS,
        *forwarded(LINE_KEYS, "stepping"),
        *forwarded(GRAPH_KEYS, "graph"),
        *forwarded(GO_KEYS, "moves"),
        *with_ids((RANK_KEY,)),
        *forwarded(NODE_KEYS, "nodes"),
        *with_ids(LEAVE_KEYS),
        *forwarded(MOVE_KEYS, "graph"),
        *with_ids(OPEN_KEYS),
        *forwarded(EDIT_KEYS, "edits"),
        *with_ids(PART_KEYS),
    ]


def forwarded(bindings: Iterable[BindingType], to: Part) -> list[BindingType]:
    """Return bindings whose action is that action of a part of the pane; keys and ids stay."""
    return [
        replace(binding, action=f"of({to!r}, {binding.action!r})")
        for binding in with_ids(bindings)
        if isinstance(binding, Binding)
    ]
