"""A question about the next step: what is asked, what is known, and the answers to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from tui.graph.predict.answers import Answer, hint, parse, rounded, same, text_of
from tui.kit.text import safe

LETTERS = "abcd"
"""What chooses an answer; a digit would be an answer itself."""


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """An answer, and why it is right or wrong."""

    answer: Answer
    why: str

    @property
    def text(self) -> str:
        """The answer as it is written on the screen."""
        return safe(text_of(self.answer))


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
    if len(choices) < 3:
        return None
    # Mixed, but the same way each time.
    choices.sort(key=lambda choice: crc32(f"{key} {choice.text}".encode()))
    return Question(key, asks, tuple(choices), right, facts, node, ruled)


def judge(asked: Question, typed: str) -> AnswerChoice:
    """The choice that was typed, in whatever spelling.

    Raises ValueError, with one line, for what is no answer, or one that nobody has foreseen.
    """
    answer = parse(typed)
    right = asked.right
    for choice in (right, *asked.choices):
        if same(answer, choice.answer):
            return choice
    if rounded(answer, right.answer):
        return right
    raise ValueError(f"not {text_of(answer)}: {hint(answer, right.answer)}")


def _different(right: AnswerChoice, wrong: Iterable[AnswerChoice]) -> Iterator[AnswerChoice]:
    kept = [right]
    for choice in wrong:
        if not any(same(choice.answer, other.answer) for other in kept):
            kept.append(choice)
            yield choice
