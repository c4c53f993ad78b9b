"""A question about the next step: what is asked, what is known, and the answers to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from tui.graph.predict.answers import Answer, distance, hint, parse, rounded, same, text_of
from tui.kit.text import safe

LETTERS = "abcd"
"""What chooses an answer; a digit would be an answer itself."""
FEWEST = 3
"""Answers to choose from."""


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """An answer, and why it is right or wrong."""

    answer: Answer
    why: str
    written: str = ""
    """How it is written where that says more than four digits would."""

    @property
    def text(self) -> str:
        """The answer as it is written on the screen."""
        return safe(self.written or text_of(self.answer))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a step; exactly one of the choices is right."""

    key: str
    """What tells it from the other questions of a lesson or script."""
    asks: str
    choices: tuple[AnswerChoice, ...]
    """In the order in which they are shown, all different."""
    right: AnswerChoice
    facts: tuple[str, ...] = ()
    """What is known, and needed for the answer."""
    node: int | None = None
    """The id of the node that is asked about."""
    ruled: bool = False
    """Whether the details of the node give the reason too: its rule."""

    @property
    def content(self) -> tuple[str, ...]:
        """What is asked, known and answered: the same in every pass that is alike."""
        return (self.asks, *self.facts, self.right.text)


def question(
    key: str,
    asks: str,
    right: AnswerChoice,
    wrong: Iterable[AnswerChoice],
    *,
    facts: tuple[str, ...] = (),
    node: int | None = None,
    ruled: bool = False,
) -> Question | None:
    """A question with the first of the wrong answers that are different; None with only one."""
    choices = [right, *_different(right, wrong)][: len(LETTERS)]
    if len(choices) < FEWEST:
        return None
    return Question(key, asks, mixed(key, choices), right, facts, node, ruled)


def mixed(key: str, choices: Iterable[AnswerChoice]) -> tuple[AnswerChoice, ...]:
    """The choices in an order that tells nothing, but is the same each time."""
    return tuple(sorted(choices, key=lambda one: crc32(f"{key} {one.text}".encode())))


def nearest(answer: Answer, choices: Iterable[AnswerChoice]) -> list[AnswerChoice]:
    """The choices that an answer is, but for rounding: of several those that are nearest to it."""
    found = [choice for choice in choices if same(answer, choice.answer)]
    least = min((distance(answer, choice.answer) for choice in found), default=0.0)
    return [choice for choice in found if distance(answer, choice.answer) == least]


def judge(asked: Question, typed: str) -> AnswerChoice:
    """The choice that was typed, in whatever spelling.

    Raises ValueError, with one line, for what is no answer, or one that nobody has foreseen.
    """
    answer = parse(typed)
    right = asked.right
    found = nearest(answer, (right, *asked.choices))
    if found or rounded(answer, right.answer):
        return found[0] if found else right
    raise ValueError(f"not {text_of(answer)}: {hint(answer, right.answer)}")


def _different(right: AnswerChoice, wrong: Iterable[AnswerChoice]) -> Iterator[AnswerChoice]:
    kept = [right]
    for choice in wrong:
        if not any(same(choice.answer, other.answer) for other in kept):
            kept.append(choice)
            yield choice
