"""Ranks that wait for each other, and ranks that died."""

from __future__ import annotations

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.faults import faults
from engine.recording.records import ScriptError
from tests.engine.ranks.built import (
    LOST,
    SIGTERM,
    SIZES,
    as_it_is,
    built,
    call,
    only,
    with_ranks,
)


def test_ranks_that_wait_for_each_other_in_different_calls() -> None:
    run = with_ranks(
        built(2),
        rank_0={"ending": "running", "collective": call("all_reduce", 31, 3)},
        rank_1={"ending": "running", "collective": call("broadcast", 20, 3)},
    )
    assert faults(run, now=52.0) == (), "nothing is wrong yet"
    one = only(run, now=60.0)
    assert (one.kind, one.ranks, one.number) == ("waiting", (0, 1), 3)
    assert "rank 0 in all_reduce at train.py:31, pass 3" in one.what
    assert "rank 1 in broadcast at train.py:20, pass 3" in one.what


def test_a_send_is_waited_for_in_another_call_than_its_recv() -> None:
    run = with_ranks(
        built(2),
        rank_0={"ending": "running", "collective": call("send", 31, 3)},
        rank_1={"ending": "running", "collective": call("recv", 20, 3)},
    )
    assert faults(run, now=60.0) == ()


@SIZES
def test_a_rank_that_has_ended_while_the_others_wait(size: int) -> None:
    waiting = {"ending": "running", "collective": call("all_reduce", 31, 4)}
    others = {f"rank_{rank}": waiting for rank in range(1, size)}
    one = only(with_ranks(built(size), **others), now=60.0)
    assert (one.kind, one.ranks, one.line) == ("waiting", tuple(range(1, size)), 31)
    assert one.what.startswith("Rank 1 waits in all_reduce at train.py:31, pass 4")
    assert "rank 0 has ended after 4 passes" in one.what
    lost = {**waiting, "ending": "error", "error": LOST}
    after = only(with_ranks(built(size), **dict.fromkeys(others, lost)))
    assert after.ranks == one.ranks, "they failed in the end, but not by themselves"
    assert after.what.startswith("Rank 1 waited in all_reduce")


def test_a_slow_rank_is_said_after_a_while() -> None:
    waiting = {"ending": "running", "collective": call("all_reduce", 31, 4)}
    busy = {"ending": "running", "collective": call("all_reduce", 31, 3, ended=True)}
    run = with_ranks(built(4), rank_0=waiting, rank_1=waiting, rank_2=waiting, rank_3=busy)
    assert faults(run, now=60.0) == ()
    one = only(run, now=90.0)
    assert (one.kind, one.ranks) == ("waiting", (0, 1, 2))
    assert one.what.startswith("Ranks 0 to 2 wait for 40 s in all_reduce")
    alone = with_ranks(built(2), rank_0=waiting, rank_1=busy)
    assert only(alone, now=90.0).what.startswith("Rank 0 waits for 40 s")
    assert "rank 3 was last in all_reduce at train.py:31, pass 3" in one.what


@SIZES
def test_a_rank_that_died(size: int) -> None:
    error = ScriptError("ValueError", "bad batch", 24)
    stopped = {"ending": "error", "error": SIGTERM, "ended": 101.0}
    run = with_ranks(
        built(size),
        **{f"rank_{rank}": stopped for rank in range(size)}
        | {
            "rank_0": {**stopped, "collective": call("all_reduce", 31, 4)},
            "rank_1": {"ending": "error", "error": error},
        },
    )
    one = only(run)
    assert (one.kind, one.ranks, one.line, one.file) == ("died", (1,), 24, "train.py")
    assert one.what == "Rank 1 died after pass 3: ValueError: bad batch."
    assert "Rank 0 waited in all_reduce at train.py:31, pass 4" in one.why
    assert "ended for it" in one.why


def test_a_rank_that_was_killed_is_said_and_not_those_that_lost_it() -> None:
    killed = {"ending": "killed", "ended": None}
    lost = {"ending": "error", "error": LOST, "collective": call("all_reduce", 31, 4)}
    one = only(with_ranks(built(4), rank_2=killed, rank_0=lost, rank_1=lost, rank_3=lost))
    assert (one.kind, one.ranks) == ("died", (2,))
    assert "without a word" in one.what
    signal = {"ending": "error", "error": ScriptError("SIGKILL", "killed", 1)}
    assert "SIGKILL" in only(with_ranks(built(2), rank_1=signal, rank_0=lost)).what


def test_the_rank_that_was_killed_comes_before_those_that_noticed_it_first() -> None:
    """A process ends a little later than its peers see their connection closed."""
    killed = {"ending": "error", "error": ScriptError("SIGKILL", "killed", 1), "ended": 100.2}
    error = ScriptError("ValueError", "no peer", 31)
    failed = {"ending": "error", "error": error, "collective": call("all_reduce", 31, 4)}
    assert only(with_ranks(built(2), rank_0=failed, rank_1=killed)).ranks == (1,)
    late = {**killed, "ended": 130.0}
    assert only(with_ranks(built(2), rank_0=failed, rank_1=late)).ranks == (0,)
    raised = {**killed, "error": ScriptError("KeyError", "x", 9)}
    one = only(with_ranks(built(2), rank_0=failed, rank_1=raised))
    assert one.ranks == (1,), "it was in no collective"


def test_an_error_comes_before_what_was_killed_at_a_time_that_nobody_knows() -> None:
    """As torchrun kills what does not end on SIGTERM."""
    died = {"ending": "error", "error": ScriptError("ValueError", "bad batch", 24)}
    run = with_ranks(built(2), rank_0={"ending": "killed", "ended": None}, rank_1=died)
    assert only(run).ranks == (1,)


def test_the_same_error_on_all_ranks_is_one_fault() -> None:
    same = {"ending": "error", "error": ScriptError("ValueError", "no data", 5)}
    one = only(with_ranks(built(2), rank_0=same, rank_1=same))
    assert (one.ranks, one.line) == ((0, 1), 5)


def test_ranks_that_a_user_stops_are_not_at_fault() -> None:
    stopped = {"ending": "error", "error": SIGTERM}
    assert faults(with_ranks(built(2), rank_0=stopped, rank_1=stopped)) == ()


def test_a_run_without_any_recording_has_no_fault() -> None:
    assert faults(DistributedRun("RUN", 2, (None, None))) == ()
    assert faults(built(2, passes=0, change=as_it_is)) == ()
