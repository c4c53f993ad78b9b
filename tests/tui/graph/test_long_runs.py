"""Moving over a recording that has lines of some passes only, and is not read as a whole."""

from __future__ import annotations

from dataclasses import replace

from tests.tui.script.long_run import LINES, long_run, losses, read
from tui.graph.headings import source_heading
from tui.graph.player_steps import played_on
from tui.graph.shared_run import script_run
from tui.script import position
from tui.script.advice import advice_at
from tui.script.breakpoints import Breakpoints, next_breakpoint, search
from tui.script.line_notes import line_notes
from tui.script.nearby_ledger import nearby_ledger
from tui.script.player import Player
from tui.script.position import Position
from tui.script.scope import scope_at


def test_steps_look_at_a_bounded_part_of_the_recording() -> None:
    run = long_run(range(0, 40_000, 2), 40_000)
    player = Player(run, position.subject(run, None))
    for _ in range(3):
        player = player.previous_node()
        assert player.backward_pass.gradients
        line_notes(run, player.position)
        scope_at(run, player.position)
        advice_at(run, player.position)
        nearby_ledger(run, player.position.lines - 1)
        player, _ = played_on(player)
    assert read(run) < 1_000


def test_it_opens_after_the_last_backward_pass() -> None:
    run = long_run(after=3)
    assert position.subject(run, None) == Position(5 * LINES + 2)
    assert position.subject(run, "loss") == Position(6 * LINES)


def test_steps_go_on_in_the_next_window_and_the_heading_says_so() -> None:
    run = long_run()
    player = Player(run, Position(3 * LINES))
    assert source_heading(player) == "pass 2 of 20 · i 2 · no lines of 3"
    assert source_heading(player.next_line()) == "pass 4 of 20 · i 4 · step 1 of 4"
    assert player.next_line().previous_line().position == player.position
    last = Player(run, position.end(run))
    assert source_heading(last) == "pass 16 of 20 · i 16 · no lines of 17 to 19"


def test_gradients_of_another_window_are_not_taken_for_those_of_this_one() -> None:
    run = long_run()
    first = position.pass_at(run, Position(3 * LINES + 1))
    assert (len(first.gradients), first.arrived) == (2, 0), "its own pass is ahead"
    assert position.pass_at(run, Position(3 * LINES + 2)).arrived == 2
    assert position.pass_at(run, Position(4 * LINES)).arrived == 2, "though its graph is read anew"


def test_notes_and_ledgers_begin_after_the_gap() -> None:
    run = long_run()
    assert not line_notes(run, Position(3 * LINES))
    early = nearby_ledger(run, 3 * LINES - 1)
    assert [entry.number for entry in early[0].entries if entry.number] == [1, 2, 3]
    late = nearby_ledger(run, 4 * LINES - 1)
    assert [entry.number for entry in late[0].entries if entry.number] == [5]
    assert late[0].entries[0].moment == 3 * LINES + 1


def test_a_search_for_a_breakpoint_lets_others_go_on() -> None:
    run = long_run(range(100), 100, after=1)
    breakpoints = Breakpoints().with_line(6)
    found = list(search(run, Position(), breakpoints))
    assert found[-1] == Position(100 * LINES)
    assert found[:-1] == [None] * 8
    assert next_breakpoint(run, Position(), breakpoints) == Position(100 * LINES)
    assert list(search(run, Position(), Breakpoints().with_line(6, file=1)))[-1] is None


def test_playing_stops_at_breakpoints_without_looking_ahead() -> None:
    run = long_run(range(0, 4_000, 2), 4_000)
    player = Player(run, Position(2)).with_line_breakpoint().restart()
    for expected in (True, True, True):
        player, goes_on = played_on(player)
        assert goes_on is expected or player.current_line == 4
    assert read(run) < 200


def test_a_process_that_was_killed_and_what_is_damaged_is_said() -> None:
    run = replace(long_run(ending="killed"), notes=("long.run is damaged in 1 place",))
    text = "".join(span.text for one in advice_at(run, position.end(run)) for span in one)
    assert "without a word after pass 19" in text
    assert "damaged in 1 place" in text
    early = "".join(span.text for one in advice_at(run, Position(1)) for span in one)
    assert "further on" in early


def test_the_other_tabs_know_the_pass_and_its_table() -> None:
    run = long_run(ending="running", losses=losses(20, 7))
    shared = script_run("long.py", Player(run, Position(4 * LINES)))
    assert shared is not None
    assert (shared.number, shared.running, shared.passes.count) == (4, True, 20)
    assert script_run("x", Player()) is None
