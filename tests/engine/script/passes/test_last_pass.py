"""The last pass is told from the loops of a script, before it begins."""

from __future__ import annotations

import sys
from argparse import Namespace
from textwrap import dedent

import pytest

from engine.recording.journal import Journal
from engine.script.frames.loop_variables import LoopVariables
from engine.script.frames.own_files import OwnFiles
from engine.script.passes.last_pass import WRONG_GUESSES, LastPass


def guessed(source: str) -> tuple[list[int], int]:
    """The passes that were thought to be the last before they began, and how many there were."""
    source = dedent(source)
    loops = LoopVariables(OwnFiles(Journal("script", source), "<script>", source))
    last = LastPass(loops.outermost)
    left: list[int | None] = []

    def backward() -> None:
        frame = sys._getframe(1)
        outermost = next(iter(loops.around(frame).items()), (None, None))
        left.append(last.left_after(len(left), frame, *outermost))

    args = Namespace(epochs=4)
    exec(compile(source, "<script>", "exec"), {"backward": backward, "args": args, "tqdm": iter})
    return [number + 1 for number, one in enumerate(left) if one == 1], len(left)


@pytest.mark.parametrize(
    "source",
    [
        "for i in range(7): backward()",
        "n = 3\nfor i in range(2, 2 * n + 1): backward()",
        "for i in tqdm(range(5)): backward()",
        "data = ['a', 'b', 'c']\nfor i, name in enumerate(data): backward()",
        "data = ['a', 'b', 'c']\nfor name in data: backward()",
        "data = [1, 2, 3]\nfor i in range(len(data)): backward()",
        """
        for epoch in range(args.epochs):
            for batch in iter([object()] * 3):
                backward()
        """,
        """
        def train(epoch):
            for batch in iter([object()] * 3):
                backward()
                backward()
        for epoch in range(1, args.epochs + 1):
            train(epoch)
        """,
    ],
)
def test_the_last_pass_of_a_loop_is_expected(source: str) -> None:
    expected, count = guessed(source)
    assert expected == [count - 1]


@pytest.mark.parametrize(
    "source",
    [
        "i = 0\nwhile i < 5:\n    backward()\n    i += 1",
        "for i in iter([1, 2, 3, 4]): backward()",
        "for i in range(backward() or 3): backward()",
        "backward()\nbackward()",
        "for batch in [[1], [2]]:\n    for k in range(4): backward()",
    ],
)
def test_where_it_cannot_be_told_none_is(source: str) -> None:
    assert guessed(source)[0] == []


@pytest.mark.parametrize("name", ["i", "k"])
def test_a_second_loop_has_its_own_last_pass(name: str) -> None:
    source = f"for i in range(4): backward()\nfor {name} in range(3): backward()"
    assert guessed(source) == ([3, 6], 7)


def test_so_has_one_that_runs_several_times() -> None:
    source = """
    def train(epochs):
        for epoch in range(epochs):
            for batch in iter([1, 2]):
                backward()
    train(3)
    train(4)
    """
    assert guessed(source) == ([5, 13], 14)


def test_a_loop_that_ends_early_has_had_none() -> None:
    assert guessed("for i in range(9):\n    backward()\n    if i == 5: break") == ([], 6)


def test_of_a_loop_that_runs_ever_again_no_more_is_expected() -> None:
    source = "def run():\n    for i in range(4): backward()\n" + "run()\n" * 50
    assert guessed(source) == ([4 * n + 3 for n in range(WRONG_GUESSES)], 200)
