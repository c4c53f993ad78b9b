"""The tutorial's lessons, and mistakes to learn from: plain Python files, run like any user's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Group = Literal["lesson", "mistake"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: a file beside this one."""

    key: str
    """Its name on the command line, and of its file."""
    title: str
    summary: str
    """One line: what it shows."""
    group: Group = "lesson"

    @property
    def path(self) -> Path:
        """The path of the lesson's Python file."""
        return Path(__file__).with_name(f"{self.key}.py")


def _mistake(key: str, title: str, summary: str) -> Lesson:
    return Lesson(key, title, summary, "mistake")


LESSONS = (
    Lesson(
        "requires_grad",
        "requires_grad",
        "which tensors are leaves, which were computed, and what no_grad leaves out",
    ),
    Lesson(
        "backward",
        "forward, backward",
        "the worked example o = mean(3(x+2)²), its graph, and its gradients",
    ),
    Lesson(
        "data_and_numpy",
        ".data and .numpy()",
        "what .data, .detach() and .numpy() share, and what autograd sees of it",
    ),
    Lesson(
        "linear_regression",
        "linear regression",
        "y = 3x + 0.8 learned by hand: predict, loss, zero, backward, update",
    ),
    _mistake("forgot_zero", "forgot to zero", "gradients of all passes add up: 3, then 6"),
    _mistake("not_scalar", "not a scalar", "backward on more than one number"),
    _mistake("backward_twice", "backward twice", "the first pass frees what the graph saved"),
    _mistake("numpy_grad", "numpy with grad", ".numpy() of a tensor that requires grad"),
    _mistake("leaf_in_place", "leaf in place", "w -= … with history is refused"),
    _mistake("saved_in_place", "saved, changed", "in place on what backward still needs"),
    _mistake("lost_leaf", "w = w - …", "w silently becomes a non-leaf, its .grad None"),
    _mistake("non_leaf_grad", "grad of non-leaf", ".grad of a computed tensor is None"),
    _mistake("silent_write", ".data, silently", "a write autograd cannot see: wrong gradients"),
)
"""In the order in which they are shown, mistakes last."""


def find(key: str) -> Lesson | None:
    """The lesson of that key, or None."""
    return next((lesson for lesson in LESSONS if lesson.key == key), None)
