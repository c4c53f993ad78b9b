"""What is said of an answer, once the step shows what is right: in words, not by colour alone."""

from __future__ import annotations

from collections.abc import Sequence

from tui.graph.predict.question import AnswerChoice, Question
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe


def verdict(question: Question, choice: AnswerChoice | None) -> Sequence[Paragraph]:
    """Whether an answer is right, and why; without an answer, what would have been."""
    right = question.right
    why = Span(f"  {safe(right.why)}", "advice")
    if choice is right:
        return ((Span(f"✓ right: {right.text}", "right"), why),)
    if choice is None:
        return ((Span(f"it is {right.text}", "title"), why),)
    wrong = Span(f"✗ not {choice.text}  ", "error")
    return (
        (wrong, Span(f"it is {right.text}", "title")),
        (Span(safe(choice.why), "advice"),),
        *(() if question.ruled else ((Span(safe(right.why), "faint"),),)),
    )
