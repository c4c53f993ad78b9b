"""What a line may name, and what of that its table shows."""

from __future__ import annotations

from types import FrameType
from typing import Any

from engine.script.frames.untouched import made_by_script
from engine.script.lines.line_moments import Line
from engine.script.lines.line_scope import LineScope

MODULE = """
import sys
scale, rate, left = "the module's", "the module's", "the module's"
def run(local, rate):
    def inside():
        return scale
    return sys._getframe()
"""
SCRIPT: dict[str, Any] = {"scale": "the script's", "rate": "the script's", "loss": "the script's"}


def frame_of_module() -> FrameType:
    module: dict[str, Any] = {"__name__": "module"}
    exec(MODULE, module)
    frame: FrameType = module["run"]("own", "own")
    return frame


def test_of_several_variables_of_a_name_the_innermost_is_meant() -> None:
    found = LineScope(SCRIPT, made_by_script, []).variables(frame_of_module())
    names = "local", "rate", "scale", "left", "loss"
    kinds = "own", "own", "the module's", "the module's", "the script's"
    assert [found[name] for name in names] == [*kinds]
    assert [name for name in found if name in names] == [*names]


def test_a_table_shows_of_another_module_what_a_function_names() -> None:
    frame = frame_of_module()
    found = LineScope(SCRIPT, made_by_script, [Line(frame, 6, 0)]).shown()
    assert "left" not in found
    assert [found[name] for name in ("rate", "scale", "loss")] == [
        "own",
        "the module's",
        "the script's",
    ]


def test_without_a_frame_the_variables_are_the_script_s() -> None:
    scope = LineScope(SCRIPT, made_by_script, [])
    assert scope.variables() == scope.shown() == SCRIPT
