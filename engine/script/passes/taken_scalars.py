"""Taking the scalars of passes: whatever goes wrong there is none of the script's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import torch

from engine.recording.journal import Journal
from engine.recording.pass_plan import Condition
from engine.script.passes.last_pass import LastPass
from engine.script.passes.pass_scalars import OF_GRADIENTS, PassScalars


class TakenScalars:
    """Has them taken, and says what they ask for `when` they meet a condition."""

    def __init__(
        self,
        when: Sequence[Condition],
        scalars: PassScalars | None,
        last: LastPass,
        journal: Journal,
    ) -> None:
        """`last` is told of every pass; without `scalars` none are taken."""
        self._when = when
        self._scalars = scalars
        self._last = last
        self._journal = journal
        if scalars is not None:
            scalars.asks_for_gradients = any(one.kind in OF_GRADIENTS for one in when)

    def before(self, number: int, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """A pass of a number is about to run in a frame."""
        if self._scalars is not None:
            try:
                self._scalars.before(number, roots, frame)
            except Exception as error:
                self._unread(error)

    def ask_for_nodes(self) -> bool:
        """Whether those of the pass that is about to run meet a condition."""
        if self._scalars is None or not self._when:
            return False
        try:
            return self._scalars.met_by_loss(self._when)
        except Exception as error:
            self._unread(error)
            return False

    def after(
        self, number: int, frame: FrameType | None, returned: Mapping[int, Any]
    ) -> tuple[bool, int | None]:
        """A pass has ended that has `returned` gradients.

        Returns whether its scalars ask for lines, and how many passes are thought to follow.
        """
        scalars = self._scalars
        if scalars is None:
            return False, None
        try:
            scalars.after(number, frame, returned)
            asked = bool(self._when) and scalars.met_by_gradients(self._when)
            return asked, self._last.left_after(number, frame, *scalars.outermost)
        except Exception as error:
            self._unread(error)
            return False, None

    def find_none(self, roots: Sequence[torch.Tensor], frame: FrameType | None) -> bool:
        """Look for new leaves of a pass that is about to run; whether it has none."""
        scalars = self._scalars
        if scalars is None:
            return False
        followed = scalars.leaves.followed
        try:
            scalars.search(roots, frame)
        except Exception as error:
            self._unread(error)
        return scalars.leaves.followed == followed

    def _unread(self, error: Exception) -> None:
        self._journal.note(f"scalars could not be read: {type(error).__name__}")
