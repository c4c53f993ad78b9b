"""What to ask before a step: of the line, of the node, or of the pass that it runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from engine.lessons import find
from engine.lessons.predictions import LinePrediction, predictions_of
from tui.diagram.node_facts import known_of
from tui.graph.player_steps import STEPS
from tui.graph.predict.line_questions import line_question
from tui.graph.predict.node_questions import node_question
from tui.graph.predict.question import Question
from tui.run.messages import Command
from tui.script import position as positions
from tui.script.player import Player
from tui.script.position import Position
from tui.script.subject import Subject


def next_question(
    player: Player, command: Command, key: str, subject: Subject | None, *, ready: bool
) -> Question | None:
    """What to ask of the lesson or script of a key; None where there is nothing to ask.

    By lines what a lesson asks comes first, else a leaf of the pass is asked about; by nodes each
    node. `ready`: whether torch is there, without which no rule is evaluated.
    """
    recording, here = player.recording, player.position
    if recording is None or player.at_end or command not in ("next", "node"):
        return None
    if here.nodes is None:
        asked = line_question(recording, here.lines, _predictions(key, recording.source))
        entered = positions.backward_at(recording, Position(here.lines + 1))
        if entered is None or (command == "next" and asked is not None):
            return asked
    elif command == "next":
        return None
    return _of_pass(player, STEPS[command](player), subject, leaves=command == "next", ready=ready)


def _of_pass(
    before: Player, after: Player, subject: Subject | None, *, leaves: bool, ready: bool
) -> Question | None:
    """What to ask of the next node; of a whole pass of the first leaf that can be asked about.

    `after` is where the step leads.
    """
    graph, moment, gradients = after.graph, after.moment, after.backward_pass.gradients
    first = before.position.nodes or 0
    if graph is None or moment is None:
        return None
    for index, gradient in enumerate(gradients):
        node = graph.nodes[gradient.node]
        if index < first or (node.is_leaf < leaves):
            continue
        known = known_of(after, graph, node, subject, ready=ready and not leaves)
        found = node_question(f"pass {moment.backward}.{index}", graph, gradient, known.rules or ())
        if found is not None or not leaves:
            return found
    return None


@cache
def _predictions(key: str, source: str) -> Sequence[LinePrediction]:
    """The questions of a lesson as it is in its file; none of anything else."""
    lesson = find(key)
    if lesson is None or lesson.path.read_text(encoding="utf-8") != source:
        return ()
    return predictions_of(lesson)
