"""The tutorial's lessons, and mistakes to learn from: plain Python files, run like any user's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Group = Literal["lesson", "more", "mistake"]

GROUPS: dict[Group, str] = {
    "lesson": "lessons",
    "more": "more lessons",
    "mistake": "mistakes",
}
"""The headings of the groups, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: a file beside this one."""

    key: str
    """Its name on the command line, and of its file."""
    title: str
    summary: str
    """One line: what it shows."""
    group: Group = "lesson"
    about: int = 0
    """The number of the backward pass that it is about, from 0."""

    @property
    def path(self) -> Path:
        """The path of the lesson's Python file."""
        return Path(__file__).with_name(f"{self.key}.py")


def _more(key: str, title: str, summary: str, about: int = 0) -> Lesson:
    return Lesson(key, title, summary, "more", about)


def _mistake(key: str, title: str, summary: str, about: int = 0) -> Lesson:
    return Lesson(key, title, summary, "mistake", about)


LESSONS = (
    Lesson("requires_grad", "requires_grad", "leaves, computed tensors, and no_grad"),
    Lesson("backward", "forward, backward", "o = mean(3(x+2)²), its graph and its gradients"),
    Lesson("data_and_numpy", ".data and .numpy()", "what they share, and what autograd sees"),
    Lesson("linear_regression", "linear regression", "y = 3x + 0.8, learned by hand"),
    _more("paths_meet", "where paths meet", "gradients add: y = x · x"),
    _more("leaf_kinds", "leaf or computed", "who gets a .grad, and retain_grad"),
    _more("loss_grad", "loss.grad is None", "where backward begins, and with what"),
    _more("none_or_zero", "None or 0", ".grad not reached, or reached where it is flat"),
    _more("zeroing", "what to zero", "every .grad, and only .grad", about=1),
    _more("detach_cuts", "cut with detach", "u = y.detach(); z = u · x"),
    _more("saved_values", "what an op saves", "which tensors, and what may still change", about=2),
    _more("jacobian", "vector · Jacobian", "backward(v) beside the full Jacobian", about=3),
    _more("vanishing", "vanishing gradients", "0.25 to the power of the layers"),
    _more("gradcheck", "finite differences", "is a gradient right? Measure it"),
    _more("two_ranks", "two ranks", "DDP's mean of gradients, and the true one"),
    _more("custom_function", "a Function", "an op of your own, with its backward"),
    _mistake("forgot_zero", "forgot to zero", "gradients of all passes add up: 3, then 6", about=1),
    _mistake("not_scalar", "not a scalar", "backward on more than one number"),
    _mistake("backward_twice", "backward twice", "the first pass frees what was saved", about=1),
    _mistake("numpy_grad", "numpy with grad", ".numpy() of a tensor that requires grad"),
    _mistake("leaf_in_place", "leaf in place", "w -= … with history is refused"),
    _mistake("saved_in_place", "saved, changed", "in place on what backward still needs"),
    _mistake("lost_leaf", "w = w - …", "w becomes a non-leaf, and its .grad None", about=1),
    _mistake("non_leaf_grad", "grad of non-leaf", ".grad of a computed tensor is None"),
    _mistake("total_loss", "total += loss", "a sum of losses keeps every graph"),
    _mistake("broadcast_loss", "(n, 1) and (n,)", "a loss of all pairs: a perfect fit scores 8"),
    _mistake("silent_write", ".data, silently", "a write autograd cannot see: wrong gradients"),
)
"""In the order in which they are shown, group by group."""


def find(key: str) -> Lesson | None:
    """The lesson of that key, or None."""
    return next((lesson for lesson in LESSONS if lesson.key == key), None)
