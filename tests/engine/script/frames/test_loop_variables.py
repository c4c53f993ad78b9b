"""What the loops around a line count with, read without running anything of the script's."""

from __future__ import annotations

import pytest

from tests.engine.script.scripts import recorded

TRAINER = """
class Trainer:
    step = 7
    def __init__(self):
        self.w = torch.ones(2, requires_grad=True)
    @property
    def limit(self):
        raise RuntimeError("not to be asked")
    def one(self):
        self.w.sum().backward()
trainer = Trainer()
"""


@pytest.mark.parametrize(
    ("loop", "variables"),
    [
        ("for i, (x, name) in [(3, (1.5, 'a'))]", {"i": "3", "x": "1.5", "name": "a"}),
        ("for trainer.epoch in (4,)", {"trainer.epoch": "4"}),
        (
            "for trainer.i, (trainer.name, y) in [(3, ('b', []))]",
            {"trainer.i": "3", "trainer.name": "b"},
        ),
        ("while trainer.w.grad is None", {}),
        ("for trainer.w.mark in (1,)", {}),
        ("for trainer.limits in ([],)", {}),
    ],
)
def test_names_and_attributes_that_are_numbers_or_short(
    loop: str, variables: dict[str, str]
) -> None:
    recording = recorded(f"{TRAINER}{loop}:\n    trainer.one()\n")
    assert recording.ending == "end", recording.error
    inside = next(m for m in recording.moments if m.function == "one")
    assert dict(inside.variables) == variables
