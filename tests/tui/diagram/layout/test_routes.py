"""Ways through a channel: no two trunks share a stretch of row or track."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.diagram.layout.routes import Channel, Trunk, Turn, routed


@st.composite
def channels(draw: st.DrawFn) -> list[Trunk]:
    """Trunks whose rows come in at most once and leave at most once."""
    rows = st.integers(0, 12)
    starts = draw(st.lists(rows, unique=True, min_size=1, max_size=6))
    targets = draw(st.lists(rows, unique=True, min_size=len(starts), max_size=12))
    owners = [*range(len(starts))]
    owners += [draw(st.sampled_from(owners)) for _ in targets[len(starts) :]]
    return [
        Trunk(start, tuple(sorted(t for t, o in zip(targets, owners, strict=True) if o == i)))
        for i, start in enumerate(starts)
    ]


def stretches(trunk: Trunk, channel: Channel) -> set[tuple[str, int, int]]:
    """Every unit of row and track that a trunk takes, from before the first track to the end."""
    taken = set()
    for target in trunk.targets:
        track, row = -1, trunk.row
        for turn in (*channel.turns[trunk.row, target], Turn(channel.tracks, target)):
            taken |= {("row", row, x) for x in range(track, turn.track)}
            low, high = sorted((row, turn.row))
            taken |= {("track", turn.track, y) for y in range(low, high)}
            track, row = turn
    return taken


@given(trunks=channels())
def test_trunks_share_nothing(trunks: list[Trunk]) -> None:
    channel = routed(trunks)
    taken = [stretch for trunk in trunks for stretch in stretches(trunk, channel)]
    assert len(taken) == len(set(taken))


@given(trunks=channels())
def test_ways_lead_rootwards_to_their_rows(trunks: list[Trunk]) -> None:
    channel = routed(trunks)
    for trunk in trunks:
        for target in trunk.targets:
            turns = channel.turns[trunk.row, target]
            tracks = [turn.track for turn in turns]
            assert tracks == sorted(set(tracks))
            assert all(0 <= track < channel.tracks for track in tracks)
            assert (turns[-1].row if turns else trunk.row) == target


def test_a_straight_way_takes_no_track() -> None:
    assert routed([Trunk(3, (3,))]) == Channel(0, {(3, 3): ()})


def test_two_that_change_places_get_by_each_other() -> None:
    channel = routed([Trunk(0, (4,)), Trunk(4, (0,))])
    assert channel.tracks == 3
    assert sorted(len(turns) for turns in channel.turns.values()) == [1, 2]


def test_a_trunk_that_forks_up_straight_and_down_has_no_joint_of_four_arms() -> None:
    channel = routed([Trunk(2, (0, 2, 4))])
    assert channel.turns[2, 0][0].track != channel.turns[2, 4][0].track
