from __future__ import annotations

import json
import math
import os
import subprocess
from pathlib import Path

import pytest

from tests.benchmarks import report
from tests.benchmarks.children import Child, Work
from tests.benchmarks.figures import (
    Figure,
    Samples,
    at_most,
    ratio_at_least,
    ratio_at_most,
)
from tests.benchmarks.measuring import (
    PATIENCE,
    Sample,
    TooSlowError,
    UnavailableError,
    measure,
    timed,
)
from tests.benchmarks.suite import Benchmark, everything, run, select

SECOND = Samples((1.0,))


def test_a_figure_is_known_by_the_median_and_its_spread() -> None:
    samples = Samples((3.0, 1.0, 2.0, 9.0, 4.0))
    assert samples.value == 3.0
    assert samples.spread == (1.0, 9.0)


def test_a_percentile_is_one_of_the_samples() -> None:
    values = tuple(map(float, range(1, 101)))
    assert Samples(values, 95).value == 95.0
    assert Samples(values, 99).value == 99.0
    assert Samples((7.0,), 99).value == 7.0


def test_the_ratio_is_that_of_pairs_so_that_a_busy_moment_hits_both() -> None:
    figure = Figure("a.b", "x", "s", Samples((1.0, 10.0, 1.0)), "peer", Samples((2.0, 20.0, 2.0)))
    assert figure.ratio == 0.5


@pytest.mark.parametrize(
    ("figure", "reached"),
    [
        (Figure("a", "", "s", SECOND, target=at_most(1.0)), True),
        (Figure("a", "", "s", SECOND, target=at_most(0.9)), False),
        (Figure("a", "", "s", Samples((0.1, 0.1, 2.0)), target=at_most(1.0)), True),
        (Figure("a", "", "s", SECOND, "b", Samples((2.0,)), ratio_at_most(0.5)), True),
        (Figure("a", "", "s", SECOND, "b", Samples((2.0,)), ratio_at_least(1.0)), False),
        (Figure("a", "", "s", SECOND, "b", None, ratio_at_least(1.0)), None),
        (Figure("a", "", "s", None, target=at_most(1.0)), None),
        (Figure("a", "", "s", SECOND), None),
        (Figure("a", "", "s", Samples((math.nan,)), target=at_most(1.0)), False),
    ],
)
def test_reached_only_if_measured_and_within_the_target(
    figure: Figure, reached: bool | None
) -> None:
    assert figure.reached is reached


def test_ours_and_the_peer_take_turns_after_a_warm_up() -> None:
    calls: list[str] = []

    def sampler(name: str) -> Sample:
        calls.append(name)
        return 1.0, None

    measured = measure(lambda: sampler("A"), lambda: sampler("B"), repetitions=3)
    assert calls == ["A", "B"] * 4
    assert measured.ours.values == (1.0, 1.0, 1.0)
    assert measured.peer == measured.ours


def test_results_that_differ_are_not_timed() -> None:
    with pytest.raises(ValueError, match="differ"):
        measure(timed(lambda: 1), timed(lambda: 2), lambda ours, peer: ours == peer)


def test_a_peer_that_is_missing_costs_only_its_own_column() -> None:
    def missing() -> Sample:
        raise UnavailableError("not installed")

    figure = measure(timed(lambda: 1), missing).on(Figure("a.b", "x", "s", peer_name="other"))
    assert figure.ours is not None
    assert figure.peer is None
    assert "not installed" in report.line(figure)


def test_a_peer_that_was_stopped_is_at_least_as_slow_as_its_limit() -> None:
    def slow() -> Sample:
        raise TooSlowError(20)

    figure = measure(timed(lambda: 1), slow).on(Figure("a.b", "x", "s", peer_name="other"))
    assert figure.peer == Samples((20,), stopped=True)
    assert "> 20 s, stopped" in report.line(figure)
    assert "<0.00" in report.line(figure)


def test_a_slow_peer_is_not_repeated_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, int(PATIENCE)))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))
    measured = measure(lambda: (1.0, None), lambda: (5.0, None), repetitions=9)
    assert len(measured.ours.values) == 9
    assert measured.peer is not None
    assert len(measured.peer.values) == 1


def test_a_child_works_elsewhere_and_can_be_stopped() -> None:
    with Child(doubled, 21) as child:
        assert child()[1] == 42
    with Child(endless, limit=0.1) as child, pytest.raises(TooSlowError):
        child()
    with Child(doubled, None) as child, pytest.raises(UnavailableError, match="TypeError"):
        child()


def test_what_a_child_has_started_ends_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Child(starting_another, str(pipe)) as child:
        child()
        stream = pipe.open("rb")
    with stream:
        assert stream.read() == b""  # ends when nobody is left who could write


def starting_another(pipe: str) -> Work:
    return lambda: subprocess.Popen(["sh", "-c", 'exec sleep 300 >"$0"', pipe]).pid


def doubled(number: int) -> Work:
    return lambda: 2 * number


def endless() -> Work:
    def work() -> None:
        while True:
            pass

    return work


def test_names_choose_a_family_a_benchmark_or_one_figure() -> None:
    known = [Benchmark(name, "", lambda quick: ()) for name in ("a.x", "a.y", "b.x")]
    assert [one.name for one in select(known, [])] == ["a.x", "a.y", "b.x"]
    assert [one.name for one in select(known, ["a"])] == ["a.x", "a.y"]
    assert [one.name for one in select(known, ["b.x.much.more"])] == ["b.x"]
    with pytest.raises(KeyError):
        select(known, ["c"])


def test_a_benchmark_that_fails_says_why_and_the_next_one_runs() -> None:
    def broken(quick: bool) -> list[Figure]:
        raise RuntimeError("no luck")

    works = Benchmark("b", "", lambda quick: [Figure("b.c", "", ours=SECOND), Figure("b.d", "")])
    figures = list(run([Benchmark("a", "what", broken), works], ["a", "b.c"], quick=True))
    assert [figure.name for figure in figures] == ["a", "b.c"]
    assert "no luck" in report.line(figures[0])


def test_every_family_has_benchmarks_and_no_name_comes_twice() -> None:
    names = [one.name for one in everything()]
    assert len(set(names)) == len(names)
    assert {name.partition(".")[0] for name in names} == {
        *(
            "start",
            "latency",
            "training",
            "graph",
            "backward",
            "charts",
            "scale",
            "robust",
            "fuzz",
            "soak",
            "structure",
            "recording",
            "run_file",
            "ranks",
            "checks",
            "rules",
            "gram",
            "distributed",
        )
    }


def test_a_row_shows_everything_under_its_heading() -> None:
    figure = Figure(
        "start.x", "a thing", "s", Samples((0.1, 0.2, 0.3)), "peer", Samples((1.0,)), at_most(0.15)
    )
    row = report.line(figure)
    for text in ("200 ms (100 ms … 300 ms)", "1 s", "0.20", "≤ 150 ms", "NO"):
        assert text in row
    assert report.header().splitlines()[0].startswith("figure")


def test_numbers_come_in_units_that_suit() -> None:
    assert report.number_text(0.0123, "s") == "12.3 ms"
    assert report.number_text(1.5e6, "B") == "1.5 MB"
    assert report.number_text(25_000.0, "/s") == "25,000"
    assert report.number_text(0.0, "B") == "0 B"
    assert report.number_text(2.0, "×") == "2 ×"


def test_json_holds_all_samples_and_the_machine(tmp_path: Path) -> None:
    figure = Figure("a.b", "x", "s", Samples((1.0, 3.0)), target=at_most(1.0))
    report.write_json(tmp_path / "x.json", [figure], {"cores": "2"})
    record = json.loads((tmp_path / "x.json").read_text())
    assert record["machine"] == {"cores": "2"}
    found = record["figures"][0]
    assert found["ours"]["values"] == [1.0, 3.0]
    assert found["values"]["ours"] == 2.0
    assert found["reached"] is False
