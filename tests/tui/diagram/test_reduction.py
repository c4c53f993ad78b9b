"""An all-reduce in a box, in a row, and in words; and a node on every rank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from engine.ranks.drawn_reductions import Reduced, with_reductions
from engine.ranks.reductions import reduction
from engine.recording.pass_table import DeepPass, PassTable
from engine.recording.records import Moment, Recording
from tests.engine.ranks.hand_made import LINES, run, with_part
from tests.hostile import PAYLOADS, unsafe
from tests.tui.hostile_records import ranks
from tui.diagram.layout.box_text import Detail, boxes
from tui.diagram.node_details import Known
from tui.diagram.node_facts import known_of
from tui.diagram.node_gradients import Room
from tui.diagram.rank_sides import side_rows, sides_of
from tui.diagram.reduction_rows import reduction_rows
from tui.diagram.sentence import sentence
from tui.kit.spans import Row
from tui.script.player import Player
from tui.script.position import Position
from tui.script.rank_lens import RankLens
from tui.script.rank_recording import recording_of


def written(rows: list[Row]) -> str:
    return "\n".join("".join(span.text for span in row).rstrip() for row in rows)


def rows_of(
    world_size: int = 2,
    rank: int = 0,
    number: int = 1,
    width: int = 40,
    *,
    reduced: bool = True,
    made: Sequence[tuple[int, float]] = (),
) -> str:
    """The rows of an all-reduce; `made` are digest and norm of what came out, by rank."""
    shown = run(world_size)
    if not reduced:
        shown = replace(shown, ranks=tuple(map(kept_apart, shown.ranks)))
    recording = with_reductions(shown, rank)
    assert recording is not None
    backward = recording.backwards[number]
    gradient = backward.gradients[6]
    assert isinstance(gradient, Reduced)
    found = reduction(shown, number, gradient.leaf)
    if found is not None and made:
        shares = [
            replace(share, made_digest=digest, made_norm=norm)
            for share, (digest, norm) in zip(found.shares, made, strict=True)
        ]
        found = replace(found, shares=tuple(shares))
    node = backward.graph.nodes[gradient.node]
    return written(list(reduction_rows(node, gradient, found, Room(width))))


def test_two_gradients_go_in_and_their_mean_comes_out() -> None:
    assert rows_of() == (
        "rank 0      -1.192 ◂    5 samples\n"
        "rank 1      -2.854      4 samples\n"
        "mean of 2   -2.023  = w.grad\n"
        "✓ the same on both ranks\n"
        "by samples  -1.93\n"
        "the mean is 4.8% off that: shards are\n"
        "not equally large\n"
        "\n"
        "bucket 0 · 8 bytes\n"
        "in one call with b\n"
        "scalar · float32 · cuda:0\n"
        "by DistributedDataParallel.\n"
        "PyTorch has no node for it: drawn here,\n"
        "behind the leaf's."
    )


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        ([(7, 1.0), (7, 1.0), (7, 1.0)], "✓ the same on all 3 ranks"),
        ([(7, math.nan), (8, math.nan), (9, math.nan)], "✓ the same on all 3 ranks"),
        ([(7, 1.0), (9, 0.0), (7, 1.0)], "✗ rank 1 got something else"),
        ([(9, 1.0), (7, 1.0), (7, 1.0)], "✗ rank 0 got something else"),
        ([(7, 1.0), (8, 2.0), (9, 1.0)], "✗ ranks 0 to 2 got different ones"),
        ([(0, 1.0), (0, 2.0), (0, 3.0)], None),
    ],
)
def test_whether_all_ranks_got_the_same(made: list[tuple[int, float]], verdict: str | None) -> None:
    """Also where norms are 0 or nan, or equal though the numbers are not."""
    rows = rows_of(3, made=made).splitlines()
    assert [row for row in rows if row.startswith(("✓", "✗"))] == ([verdict] if verdict else [])


def test_of_many_ranks_the_extremes_are_written() -> None:
    rows = rows_of(64, rank=5)
    assert [word in rows for word in ("least", "median", "most", "rank 5 ")] == [True] * 4
    assert "mean of 64" in rows
    assert "ranks between them" in rows


def kept_apart(recording: Recording | None) -> Recording | None:
    """The recording of a rank whose second pass nothing reduced, as inside of `no_sync`."""
    assert recording is not None
    first, second, *rest = recording.rank_passes
    return replace(recording, rank_passes=(first, replace(second, reducer=""), *rest))


def test_where_nothing_was_reduced_no_mean_is_said() -> None:
    rows = rows_of(reduced=False, width=60)
    assert "nothing reduced it in this pass: each rank keeps its own" in rows
    assert ["rank 0" in rows, "rank 1" in rows, "mean" in rows] == [True, True, False]


def test_ranks_that_got_something_else_are_named() -> None:
    made = run()
    one = made.ranks[1]
    assert one is not None
    wrong = with_part(one.rank_passes[0], "w", digest=5, norm=9.0)
    made = replace(made, ranks=(made.ranks[0], replace(one, rank_passes=(wrong,))))
    lens = RankLens(made, 0)
    player = Player(recording_of(lens), Position(3), lens=lens)
    assert player.graph
    known = known_of(player, player.graph, player.graph.nodes[6], None, ready=False)
    assert isinstance(known.gradient, Reduced)
    rows = list(reduction_rows(known.node, known.gradient, known.reduction, Room(40)))
    assert "✗ ranks 0 and 1 got different ones" in written(rows)


@pytest.mark.parametrize("reduced", [True, False])
def test_a_sentence_says_what_becomes_of_the_own_gradient(reduced: bool) -> None:
    made = run()
    if not reduced:
        made = replace(made, ranks=tuple(map(kept_apart, made.ranks)))
    recording = with_reductions(made, 0)
    assert recording is not None
    backward = recording.backwards[1]
    gradient = backward.gradients[6]
    said = sentence(Known(backward.graph.nodes[gradient.node], gradient))
    if reduced:
        assert said == (
            "rank 0's own gradient -1.192 goes into the all-reduce with the others, "
            "and their mean -2.023 becomes w.grad on every rank"
        )
    else:
        assert said == (
            "rank 0's own gradient -1.192 stays in w.grad: nothing reduced it in this pass"
        )


@pytest.mark.parametrize(
    ("detail", "lines"),
    [
        ("full", ["all-reduce", "bucket 0 · 8 bytes", "rank 0 -1.19", "rank 1 -2.85",
                  "mean   -2.02"]),
        ("narrow", ["all-reduce", "  -1.19", "  -2.85", "→ -2.02"]),
        ("title", ["all-reduce", "  -1.19", "  -2.85", "→ -2.02"]),
    ],
)  # fmt: skip
def test_a_box_shows_them_in_every_amount_of_detail(detail: Detail, lines: list[str]) -> None:
    recording = with_reductions(run(), 0)
    assert recording is not None
    backward = recording.backwards[1]
    gradients = {one.node: one for one in backward.gradients}
    drawn = boxes(backward.graph, gradients, len(gradients), detail)[6]
    assert [line.text for line in drawn.lines] == lines
    early = boxes(backward.graph, gradients, 6, detail)[6]
    assert [len(line.text) for line in early.lines] == [len(line.text) for line in drawn.lines]
    assert not early.lines[-1].text.strip()


def test_a_node_is_shown_on_every_rank() -> None:
    lens = RankLens(run(3, behind=(2,)), 0, every=True)
    player = Player(recording_of(lens), Position(3 * LINES + 3), lens=lens)
    assert player.graph
    sides = sides_of(player, player.graph, player.graph.nodes[5])
    assert [side.why for side in sides] == ["", "", "is not here"]
    rows = written(list(side_rows(sides, 40)))
    assert "≠" in rows.splitlines()[2]
    assert "≠" not in rows.splitlines()[1]


def test_a_node_is_shown_where_one_rank_alone_went_on() -> None:
    made = run()
    first, second = made.ranks
    assert first is not None and second is not None
    printed = replace(first.moments[-1], line=10, backward=None)
    lens = RankLens(replace(made, ranks=(longer(first, printed), second)), 0, every=True)
    recording = recording_of(lens)
    assert recording is not None
    player = Player(recording, Position(len(recording.moments)), lens=lens)
    assert player.graph
    sides = sides_of(player, player.graph, player.graph.nodes[0])
    assert [side.why for side in sides] == ["", ""]
    assert sides[0].value != sides[1].value


def longer(recording: Recording, moment: Moment) -> Recording:
    """A recording with one more line in its last pass."""
    passes = recording.passes
    last = passes.deep[-1]
    deep = (*passes.deep[:-1], DeepPass(last.number, last.first, last.end + 1))
    moments = (*recording.moments, moment)
    return replace(recording, moments=moments, passes=PassTable(passes.chunks, deep))


def test_nothing_hostile_in_a_recording_of_ranks_is_drawn() -> None:
    for detail, payload in product(get_args(Detail), PAYLOADS.values()):
        lens = RankLens(ranks(payload), 1, every=True)
        player = Player(recording_of(lens), Position(3), lens=lens)
        graph = player.graph
        assert graph is not None
        gradients = {one.node: one for one in player.backward_pass.gradients}
        for box in boxes(graph, gradients, len(gradients), detail):
            assert not any(unsafe(line.text) for line in box.lines)
        node = graph.nodes[4]
        known = known_of(player, graph, node, None, ready=False)
        assert isinstance(known.gradient, Reduced)
        rows = [
            *reduction_rows(node, known.gradient, known.reduction, Room(40)),
            *side_rows(sides_of(player, graph, node), 40),
        ]
        assert not any(unsafe(span.text) for row in rows for span in row)
        assert not unsafe(lens.words)
