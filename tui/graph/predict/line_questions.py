"""What a lesson asks about its lines: its record says which answer is right."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from engine.autograd.values import TensorView
from engine.lessons.predictions import LinePrediction
from engine.recording.records import Moment, Recording
from tui.graph.predict.answers import Answer, numbers_of, parse
from tui.graph.predict.question import (
    FEWEST,
    LETTERS,
    AnswerChoice,
    Question,
    mixed,
    nearest,
)

MOST = 64
"""Numbers of a tensor that a lesson asks about."""


def line_question(
    recording: Recording, lines: int, predictions: Sequence[LinePrediction]
) -> Question | None:
    """What a lesson asks before the line that comes after so many; None where it asks nothing.

    Nothing is asked either where the record has no answer: the lesson may have run otherwise.
    """
    if lines >= len(recording.moments):
        return None
    moment = recording.moments[lines]
    here = [one for one in predictions if one.line == moment.line]
    if moment.file or not here:
        return None
    time = 1 + sum(before.line == moment.line for before in recording.moments[:lines])
    found = next((one for one in here if one.time == time), None)
    with suppress(ValueError):
        return asked_of(found, moment) if found is not None else None
    return None


def asked_of(prediction: LinePrediction, moment: Moment) -> Question:
    """A lesson's question with its answers, judged by the record of the line.

    Raises ValueError unless exactly one of them is what the record says.
    """
    truth = recorded(prediction.subject, moment)
    choices = [AnswerChoice(parse(one.says), one.why, one.says) for one in prediction.choices]
    right = nearest(truth, choices)
    if len(right) != 1:
        raise ValueError(f"line {prediction.line}: {len(right)} answers are {truth}")
    count = len({choice.text for choice in choices})
    if not FEWEST <= count == len(choices) <= len(LETTERS):
        raise ValueError(f"line {prediction.line}: answers are the same, too few or too many")
    key = f"line {prediction.line}.{prediction.time}"
    return Question(key, prediction.asks, mixed(key, choices), right[0])


def recorded(subject: str, moment: Moment) -> Answer:
    """What a subject is after a line; raises ValueError where the record does not have it."""
    if subject == "error":
        return "None" if moment.error is None else moment.error.type
    tensors = {tensor.name: tensor for tensor in moment.tensors}
    if subject in tensors:
        return _numbers(tensors[subject], "value")
    name, _, attribute = subject.rpartition(".")
    if name not in tensors or attribute not in ("grad", "grad_fn", "is_leaf", "requires_grad"):
        raise ValueError(f"the record of line {moment.line} has no {subject}")
    tensor = tensors[name]
    if attribute == "grad":
        return "None" if tensor.grad is None else _numbers(tensor, "grad")
    return str(getattr(tensor, attribute))


def _numbers(tensor: TensorView, what: str) -> Answer:
    found = numbers_of(tensor.value if what == "value" else tensor.grad, MOST)
    if found is None:
        raise ValueError(f"not all numbers of {tensor.name} were recorded, or they are too many")
    return found
