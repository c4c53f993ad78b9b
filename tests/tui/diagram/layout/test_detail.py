"""How much is written in boxes: as much as there is room for, and no less than another room has."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.backward import record_backward
from engine.autograd.graph import Backward
from tui.diagram.layout.box_text import Detail, boxes
from tui.diagram.layout.boxes import Box
from tui.diagram.layout.detail import DETAILS, Drawn, drawn
from tui.diagram.layout.layout import Size


def chain(length: int) -> Backward:
    x = torch.ones(2, 2, requires_grad=True)
    y = x
    for step in range(length):
        y = y * (step + 1.5) if step % 2 else y + 1
    return record_backward(y.mean(), scope={"x": x})


CHAIN = chain(9)


def written(detail: Detail) -> list[Box]:
    gradients = {one.node: one for one in CHAIN.gradients}
    return boxes(CHAIN.graph, gradients, len(gradients), detail)


def in_room(width: int, height: int) -> Drawn:
    found = drawn(CHAIN.graph, written, Size(width, height))
    assert found is not None
    return found


def test_with_room_every_box_is_full() -> None:
    assert set(in_room(400, 40).details) == {"full"}


def test_what_does_not_fit_in_full_keeps_it_where_there_is_room() -> None:
    wide = in_room(400, 40).layout.width
    details = in_room(wide - 1, 10).details
    assert "full" in details
    assert len(set(details)) > 1


@given(st.integers(20, 250), st.integers(4, 60))
def test_boxes_fit_or_are_the_fallback(width: int, height: int) -> None:
    found = in_room(width, height)
    fits = found.layout.fits(width, height)
    assert fits or set(found.details) == {"compact"}
    if not fits:
        least = drawn(CHAIN.graph, lambda _: written("title"), Size(width, height))
        assert least is not None
        assert not least.layout.fits(width, height)


@given(st.integers(20, 250), st.integers(4, 60))
def test_the_details_of_one_drawing_are_neighbours(width: int, height: int) -> None:
    ranks = {DETAILS.index(detail) for detail in in_room(width, height).details}
    assert max(ranks) - min(ranks) <= 1


def test_a_chain_too_wide_flows_down() -> None:
    assert in_room(400, 40).layout.direction == "right"
    assert in_room(30, 200).layout.direction == "down"
    assert set(in_room(30, 200).details) == {"full"}


def test_only_a_lecture_has_air_in_its_boxes() -> None:
    room = Size(600, 60)
    airy = drawn(CHAIN.graph, written, room, "large")
    assert airy is not None
    assert set(airy.details) == {"large"}
    assert airy.layout.height > in_room(*room).layout.height


def test_air_is_in_all_boxes_or_in_none() -> None:
    room = Size(600, 60)
    airy = drawn(CHAIN.graph, written, room, "large")
    assert airy is not None
    close = drawn(CHAIN.graph, written, Size(airy.layout.width - 1, 12), "large")
    assert close is not None
    assert set(close.details) == {"full"}
