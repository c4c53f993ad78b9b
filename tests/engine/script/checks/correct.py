"""Scripts without a mistake that look as if there were one."""

from __future__ import annotations

from tests.engine.script.checks.correct_graphs import GRAPHS
from tests.engine.script.checks.correct_numbers import NUMBERS
from tests.engine.script.checks.correct_steps import STEPS

CORRECT = {**NUMBERS, **STEPS, **GRAPHS}
