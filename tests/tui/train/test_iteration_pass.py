"""The Train tab inside of a backward pass: the graph, the rule, and the way of the gradients."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.data.source import Synthetic
from engine.training.advance import begin
from engine.training.iteration_tracer import trace_iteration
from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.diagram.box_view import BoxView
from tui.diagram.node_details import NodeDetails
from tui.diagram.node_view import NodeSelected
from tui.diagram.rail_view import RailView
from tui.diagram.view_switch import ViewSwitch
from tui.run.iteration import Inside
from tui.script import position
from tui.script.position import Position
from tui.train.iteration_graph import IterationGraph
from tui.train.iteration_pass import pass_player
from tui.train.pane import TrainPane
from tui.train.printed_rows import PrintedRows
from tui.train.update_path import UpdatePath, path_rows

PROBLEM = Problem(target=300)
SIZES = [(80, 24), (100, 30), (120, 40), (200, 50), (40, 12)]


def through(problem: Problem) -> list[Inside]:
    """Every position of the first iteration, as `s` goes through it."""
    traced = trace_iteration(problem, begin(problem).state)
    places = [Position()]
    while places[-1] != position.end(traced.recording):
        places.append(position.next_node(traced.recording, places[-1]))
    return [Inside(traced, place) for place in places]


def texts(inside: Inside, problem: Problem, width: int = 120) -> list[str]:
    rows = path_rows(inside, problem, width)
    return ["".join(span.text for span in row) for row in rows]


def pane(screen: Screen) -> TrainPane:
    return screen.app.query_one(TrainPane)


def kind(screen: Screen) -> str:
    """How the graph is drawn."""
    return pane(screen).query_one(ViewSwitch).kind


async def to_node(screen: Screen, nodes: int, key: str = "s") -> None:
    """Step on, or with `S` back, until so many nodes of a pass have run."""
    while screen.inside.position.nodes != nodes:
        await screen.press(key)


def path(screen: Screen) -> str:
    return screen.app.query_one(UpdatePath).text


def test_a_pass_is_looked_at_from_its_first_node_to_the_last_update() -> None:
    insides = through(PROBLEM)
    looked = [pass_player(inside) for inside in insides]
    nodes = [one and one.position.nodes for one in looked]
    assert nodes == [None] * 4 + [1, 2, 3, 4, 5, 6] + [None] * 5
    assert [one is None for one in looked] == [True] * 4 + [False] * 10 + [True]
    assert {one.position.lines for one in looked if one} == {insides[4].position.lines}


def test_the_last_step_of_an_iteration_is_still_seen() -> None:
    insides = through(PROBLEM)
    assert pass_player(insides[-1], insides[-2]) is not None
    assert pass_player(insides[-1], insides[5]) is None, "it was finished in one go"
    assert pass_player(insides[-1], through(PROBLEM)[-2]) is None, "that was another iteration"


def test_the_way_of_a_gradient_is_filled_in_as_far_as_it_has_come() -> None:
    insides = through(PROBLEM)
    step = insides[0].traced.step
    b_at = next(i for i, inside in enumerate(insides) if "-3.57" in texts(inside, PROBLEM)[1])
    w_at = next(i for i, inside in enumerate(insides) if "-1.95" in texts(inside, PROBLEM)[0])
    assert 4 < b_at < w_at, "b is nearer to the loss than w"
    assert texts(insides[0], PROBLEM)[0].count("…") == 3
    assert texts(insides[w_at], PROBLEM)[0].count("…") == 1
    last = texts(insides[-1], PROBLEM)
    assert re.sub(" +", " ", last[0]) == (
        " w gradient that arrived -1.955 → w.grad = -1.955 → "
        "w = 0.8197803 - 0.01 · (-1.955) = 0.8393313"
    )
    assert f"= {step.b:#.7g}" in last[1]


@pytest.mark.parametrize("width", [60, 76, 80, 100])
def test_the_stations_of_a_gradient_keep_their_names(width: int) -> None:
    problem = replace(PROBLEM, start_w=(2.9977,), start_b=0.8011)
    for row in texts(through(problem)[-1], problem, width):
        assert len(row) <= width
        assert " g" in row
        assert "grad " in row


def test_without_zeroing_the_sum_is_written_out() -> None:
    problem = replace(PROBLEM, zeroing=False)
    start = replace(begin(problem).state, w_grad=(2.0,), b_grad=0.5)
    traced = trace_iteration(problem, start)
    end = Inside(traced, position.end(traced.recording))
    assert "w.grad = 2.000 + (-1.955) = 0.04490" in texts(end, problem)[0]


def test_with_momentum_the_velocity_is_a_station_of_its_own() -> None:
    problem = replace(PROBLEM, momentum=0.9)
    insides = through(problem)
    assert "velocity -1.955 →" in texts(insides[-1], problem)[0]
    stations = [texts(inside, problem)[0].count("…") for inside in insides]
    assert stations == sorted(stations, reverse=True)
    assert set(stations) == {4, 2, 1, 0}


@pytest.mark.parametrize("problem", [PROBLEM, replace(PROBLEM, update="data")])
def test_both_updates_are_seen_when_they_are_made(problem: Problem) -> None:
    assert [text.count("…") for text in texts(through(problem)[-1], problem)] == [0, 0]


def test_several_features_have_shapes_and_ranges_for_numbers() -> None:
    problem = replace(PROBLEM, source=Synthetic(true_w=(3.0, -1.0, 2.0)))
    first, second = texts(through(problem)[-1], problem)
    assert "w = w - 0.01 · w.grad" in first
    assert "b = 0 - 0.01 · " in second


@pytest.mark.parametrize("width", [120, 80, 64])
def test_the_way_fits_into_little_room_with_fewer_words(width: int) -> None:
    first, *_, last = (texts(inside, PROBLEM, width) for inside in through(PROBLEM))
    assert max(map(len, last)) <= width
    assert all("0.01 · (" in row for row in last)
    assert [row.partition("…")[0] for row in first] == [
        row[: len(row.partition("-")[0])] for row in last
    ], "the words are the same before the numbers come"


@pytest.mark.parametrize("width", [100, 60, 50])
def test_with_momentum_and_sums_the_result_is_there_in_little_room(width: int) -> None:
    problem = replace(PROBLEM, momentum=0.9, zeroing=False)
    start = replace(begin(problem).state, w_grad=(2.0,), b_grad=0.5)
    traced = trace_iteration(problem, start)
    rows = texts(Inside(traced, position.end(traced.recording)), problem, width)
    assert max(map(len, rows)) <= width
    assert all(row.rpartition("= ")[2][:6] in ("0.8193", "0.0307") for row in rows)


async def test_in_backward_the_graph_stands_in_place_of_the_table(open_app: Open) -> None:
    async with open_app(PROBLEM, size=SIZES[0]) as screen:
        await screen.press("2")
        graph = screen.app.query_one(IterationGraph)
        for size in SIZES:
            await screen.pilot.resize_terminal(*size)
            await to_node(screen, 1)
            await screen.until(lambda: graph.size.area)
            assert not screen.app.query_one(PrintedRows).size.area
            await screen.until(lambda: path(screen).count("…") == 6)
            await screen.press("n")
            await screen.until(lambda: not graph.size.area)
            assert screen.app.query_one(PrintedRows).size.area


async def test_every_node_shows_its_gradient_and_its_rule(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_node(screen, 2)
        rule = pane(screen).query_one(NodeDetails)
        await screen.until(lambda: "g · 2" in rule.text)
        assert "matches autograd" in rule.text
        boxes = pane(screen).query_one(BoxView)
        assert boxes.text.count("∂") == 2, "of seven nodes two have theirs"
        await to_node(screen, 5)
        await screen.until(lambda: "gradient that arrived" in rule.text)
        assert boxes.text.count("∂") == 5
        await to_node(screen, 2, "S")
        await screen.until(lambda: "g · 2" in rule.text)
        assert boxes.text.count("∂") == 2


async def test_s_leads_from_the_gradient_over_grad_to_the_update(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_node(screen, 1)
        left = [path(screen).count("…")]
        while screen.run.state.iteration == 0:
            await screen.press("s")
            left.append(path(screen).count("…"))
        assert left == sorted(left, reverse=True)
        assert left[-1] == 0
        assert pane(screen).shown_pass is not None, "the last update is seen before the next step"
        await screen.press("s")
        await screen.until(lambda: pane(screen).shown_pass is None)


async def test_a_node_that_is_clicked_shows_what_is_known_of_it(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_node(screen, 1)
        switch = pane(screen).query_one(ViewSwitch)
        await screen.until(lambda: switch.size.area)
        switch.post_message(NodeSelected(2))
        heading = pane(screen).query_one("#rule-heading")
        await screen.until(lambda: "SubBackward0" in str(heading.render()))


async def test_of_an_iteration_no_pass_is_counted(open_app: Open) -> None:
    async with open_app(PROBLEM, size=(200, 50)) as screen:
        await screen.press("2", "n", "n")
        await to_node(screen, 6)
        await screen.press("s", "s")
        details = pane(screen).query_one(NodeDetails)
        await screen.until(lambda: ".grad after" in details.text)
        assert "pass 0" not in details.text


async def test_v_turns_the_graph_and_so_it_stays(open_app: Open) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2")
        await to_node(screen, 1)
        switch = pane(screen).query_one(ViewSwitch)
        await screen.until(lambda: switch.size.area)
        assert kind(screen) == "boxes"
        await screen.press("v", "f")
        await screen.until(lambda: pane(screen).shown_pass is None)
        await to_node(screen, 1)
        await screen.until(lambda: switch.size.area)
        assert kind(screen) == "rails"


async def test_a_narrow_screen_has_rows_with_room_for_the_gradients(open_app: Open) -> None:
    async with open_app(PROBLEM, size=(80, 24)) as screen:
        await screen.press("2")
        await to_node(screen, 2)
        await screen.until(lambda: kind(screen) == "rails")
        rails = pane(screen).query_one(RailView)
        await screen.until(lambda: "all .02" in rails.text)


async def test_a_page_key_scrolls_what_is_known_of_the_node(open_app: Open) -> None:
    async with open_app(PROBLEM, size=(80, 24)) as screen:
        await screen.press("2")
        await to_node(screen, 2)
        rule = pane(screen).query_one(NodeDetails)
        await screen.until(lambda: rule.max_scroll_y)
        await screen.press("pagedown")
        await screen.until(lambda: rule.scroll_offset.y > 0)
        await to_node(screen, 3)
        await screen.until(lambda: rule.scroll_offset.y == 0)
