from __future__ import annotations

import math
from array import array
from pathlib import Path

import pytest

from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_plan import Condition, Plan
from engine.recording.pass_table import PassTable
from tui.script.replay import Difference, again, command, first_difference, verdict
from tui.script.subject import SavedRun, Script


def table(losses: list[float], gradients: list[float]) -> PassTable:
    norms = array("f", [part for one in gradients for part in (1.0, one, 0.5)])
    rows = array("q", range(len(gradients)))
    return PassTable([PassChunk(0, array("d", losses), ("w",), rows, norms)])


SAME = table([1.0, math.nan, 0.25], [1.0, 2.0, 4.0])


def test_the_same_run_is_said_to_be_the_same() -> None:
    assert first_difference(SAME, SAME, 3) is None
    words, same = verdict(SAME, SAME, 3)
    assert same
    assert words.startswith("the same run up to pass 3")


def test_the_first_difference_is_said_with_both_numbers() -> None:
    other = table([1.0, math.nan, 0.5], [1.0, 2.0, 4.0])
    assert first_difference(SAME, other, 2) is None, "only what lies before the pass counts"
    assert first_difference(SAME, other, 3) == Difference(2, "loss", 0.25, 0.5)
    words, same = verdict(SAME, other, 3)
    assert not same
    assert "first differs at pass 2: loss 0.25 then, 0.5 now" in words


def test_a_norm_may_differ_before_the_loss_does() -> None:
    other = table([1.0, math.nan, 0.5], [1.0, 3.0, 4.0])
    assert first_difference(SAME, other, 3) == Difference(1, "gradient of w", 2.0, 3.0)


def test_a_script_is_run_again_with_its_plan_and_the_pass(tmp_path: Path) -> None:
    path = tmp_path / "s.py"
    path.write_text("")
    script = Script(path, ("5",), plan=Plan(every=10), keep=tmp_path / "run")
    found = again(script, {}, 4)
    assert found.plan == Plan(every=10, when=(Condition("pass", 4),))
    assert found.keep is None
    assert command(found) == f"python {path} 5"


def test_a_saved_run_is_run_again_where_it_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.py").write_text("")
    run = SavedRun(tmp_path / "run")
    head = {"argv": ["s.py", "5"], "module": False, "folder": str(tmp_path), "plan": None}
    assert again(run, head, 4).arguments == ("5",)
    assert again(run, {**head, "argv": ["a.b"], "module": True}, 4).module
    for wrong, words in (
        ({**head, "argv": ["gone.py"]}, "is not there"),
        ({**head, "argv": "s.py"}, "does not say how"),
        ({**head, "folder": "/elsewhere"}, "it ran in /elsewhere"),
        ({}, "does not say how"),
    ):
        with pytest.raises(ValueError, match=words):
            again(run, wrong, 4)
