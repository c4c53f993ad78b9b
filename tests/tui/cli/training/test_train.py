from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from engine.training.cuda_graph import Graphed
from engine.training.descent import steps
from engine.training.problem import Problem, State, Step
from tests.engine.training.by_hand import train as by_hand
from tests.tui.cli.conftest import Ask, RunCommand
from tui.cli.training import train


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]


def test_the_reference_run_ends_where_the_tutorial_says(ask: Ask) -> None:
    answer = ask("train")
    heading, *rows, last, far, near = answer.out.splitlines()

    assert (answer.code, answer.err) == (0, "")
    assert heading.split() == ["iteration", "w", "b", "loss"]
    assert [int(row.split()[0]) for row in rows] == list(range(0, 5000, 200))
    assert len({len(row) for row in (heading, *rows)}) == 1
    assert last.startswith("done after 5,000 iterations, ")
    assert last.endswith(": w 2.997687816619873, b 0.8011171817779541, loss 4.25734953068968e-07")
    assert far == "w 0.077% and b 0.14% off the optimum; loss 4.2e-07 above least; R² 0.999999"
    assert near == "within 1% of the optimum"


def test_json_holds_every_printed_iteration_in_full_precision(ask: Ask) -> None:
    expected = by_hand(Problem(), 3000)

    *rows, last = objects(ask("train", "--json", "--steps", "3000", "--print-every", "1").out)

    assert [list(row) for row in rows] == [["iteration", "w", "b", "loss"]] * 3000
    assert [row["iteration"] for row in rows] == list(range(3000))
    assert [(row["w"], row["b"], row["loss"]) for row in rows] == [
        (row.w[0], row.b, row.loss) for row in expected
    ]
    assert last.pop("seconds") > 0
    final = rows[-1]
    assert last.pop("optimum") == pytest.approx({"w": 3, "b": 0.8, "loss": 0}, abs=1e-6)
    far = last.pop("from_optimum")
    assert far["w"] == pytest.approx(final["w"] - 3, abs=1e-6)
    assert far["b"] == pytest.approx(final["b"] - 0.8, abs=1e-6)
    assert (far["furthest"], far["share"]) == ("b", pytest.approx(far["b"] / 0.8, rel=1e-3))
    assert last.pop("largest_stable_rate") == pytest.approx(0.8209, abs=1e-4)
    assert last.pop("within_1_percent") is False
    assert last.pop("r_squared") == pytest.approx(0.9999, abs=1e-5)
    assert last.pop("more_iterations") == pytest.approx(500, abs=100)
    assert last == {
        "done": True,
        "iterations": 3000,
        "w": final["w"],
        "b": final["b"],
        "loss": final["loss"],
    }


def test_a_method_on_batches_is_told_by_epochs_and_r_squared(ask: Ask) -> None:
    words = "train --noise 0.5 --method adam --lr 0.3 --batch-size 20 --epochs 4"
    *rows, last = objects(ask(*words.split(), "--json").out)
    answer = ask(*words.split())

    assert (last["iterations"], [row["iteration"] for row in rows]) == (4 * 3, [0])
    assert 0 < last["r_squared"] < 1
    assert (last["more_iterations"], last["largest_stable_rate"]) == (None, None)
    assert (answer.code, answer.err) == (0, "")
    assert f"; R² {last['r_squared']:.6g}\n" in answer.out
    assert "more iterations" not in answer.out


@pytest.mark.parametrize("flag", ["--gram", "--distributed"])
def test_what_is_computed_otherwise_is_gradient_descent(ask: Ask, flag: str) -> None:
    for option in ("--method adam", "--batch-size 5"):
        answer = ask("train", flag, *option.split())
        assert (answer.code, answer.out) == (2, "")
        assert f"{flag} is gradient descent on all points" in answer.err


def test_a_cuda_graph_says_how_it_compares_and_is_refused_without_a_gpu(
    ask: Ask, run_command: RunCommand
) -> None:
    def as_graph(problem: Problem, state: State) -> Graphed:
        return Graphed(steps(problem, state), "CUDA graph: as it should be")

    words = ("train", "--steps", "400", "--json", "--cuda-graph")
    answer = run_command(train.run, *words, as_graph=as_graph)
    refused = ask(*words)

    assert (answer.code, answer.err) == (0, "linreg-tui: CUDA graph: as it should be\n")
    assert objects(answer.out)[:2] == objects(ask(*words[:-1]).out)[:2]
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "linreg-tui: --cuda-graph: a CUDA graph needs a CUDA device, and this trains on cpu\n"
    )


@pytest.mark.cuda
def test_a_cuda_graph_trains_as_the_plain_loop_does(ask: Ask) -> None:
    words = ("train", "--device", "cuda", "--json")
    plain, graphed = ask(*words), ask(*words, "--cuda-graph")

    assert graphed.err.endswith("iterations have the bits of the plain loop\n")
    assert objects(graphed.out)[:-1] == objects(plain.out)[:-1]


def test_options_reach_the_problem(ask: Ask) -> None:
    options = (
        "--points 7 --noise 0.5 --seed 3 --lr 0.1 --momentum 0.9 "
        "--update data --dtype float64 --device auto"
    )

    last = objects(ask("train", "--json", "--steps", "9", *options.split()).out)[-1]
    default = objects(ask("train", "--json", "--steps", "9").out)[-1]

    assert last["done"]
    assert last["w"] != default["w"]


@pytest.mark.parametrize("output", [[], ["--json"]])
def test_a_diverging_run_stops_at_once_and_names_a_rate_that_converges(
    ask: Ask, output: list[str]
) -> None:
    answer = ask("train", "--lr", "5", *output)

    assert answer.code == 1
    assert answer.err == (
        "linreg-tui: diverging at iteration 0: learning rate 5 is above the largest stable, "
        "0.8208; what converges: --lr 0.4104 (1/λmax)\n"
    )
    assert ask("train", "--lr", "0.8208", "--steps", "300", *output).code == 0
    if output:
        last = objects(answer.out)[-1]
        assert (last["done"], last["iterations"]) == (False, 1)
        assert answer.err.startswith(f"linreg-tui: {last['stopped']}; what")
    else:
        _, row, last_line = answer.out.splitlines()
        assert row.split()[0] == "0"
        assert last_line.startswith("stopped after 1 iteration, ")


@pytest.mark.parametrize("output", [[], ["--json"], ["--gram"]])
def test_a_run_at_the_largest_stable_rate_is_not_done(ask: Ask, output: list[str]) -> None:
    at = objects(ask("train", "--json", "--steps", "9", *output).out)[-1]["largest_stable_rate"]

    answer = ask("train", "--lr", str(at), "--steps", "300", *output)

    assert answer.code == 1
    assert answer.err.startswith("linreg-tui: stuck at iteration 299: learning rate 0.8208")
    assert answer.err.endswith(
        " is the largest stable, where the error keeps its size; "
        "what converges: --lr 0.4104 (1/λmax)\n"
    )


def test_a_rate_just_above_the_limit_is_found_out_while_the_loss_still_falls(ask: Ask) -> None:
    answer = ask("train", "--lr", "0.8209", "--json", "--print-every", "1")

    *rows, last = objects(answer.out)
    assert answer.code == 1
    assert 1 < last["iterations"] < 1000
    assert last["loss"] < rows[0]["loss"]


@pytest.mark.parametrize("features", [1, 2, 3, 6, 40])
@pytest.mark.parametrize("columns", [80, 120])
def test_rows_of_any_number_of_features_fit(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, features: int, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    table = tmp_path / "table.csv"
    rows = [[str((i + 1) * -1.5e-7 * j) for j in range(1, features + 2)] for i in range(9)]
    names = [f"x{j}" for j in range(features)] + ["y"]
    table.write_text("\n".join(",".join(row) for row in (names, *rows)))

    heading, *printed, _, _, _, _ = ask(
        *("train", "--data", str(table), "--steps", "5"),
        *("--print-every", "1", "--lr", "1e-5"),
    ).out.splitlines()

    assert len(printed) == 5
    assert {len(row) for row in printed} == {len(heading)}
    assert len(heading) <= columns
    shown = [name for name in heading.split() if name.startswith("w")]
    assert shown
    assert ("…" in heading) == (len(shown) < features)


@pytest.mark.parametrize("more", [[], ["--standardise"]])
def test_columns_that_say_the_same_are_not_to_be_standardised(
    ask: Ask, tmp_path: Path, more: list[str]
) -> None:
    table = tmp_path / "sums.csv"
    rows = [(0.1 * x, 0.03 * x * x) for x in range(20)]
    table.write_text("a,b,sum,y\n" + "".join(f"{a},{b},{a + b},{a - b}\n" for a, b in rows))
    said = ask("train", "--data", str(table), "--steps", "20", "--print-every", "20", *more).out
    assert "columns say nearly the same: only the fit is known, not each weight" in said
    assert "leave one out with --features" in said
    assert "needs about" not in said


def test_a_run_says_how_far_it_is_what_is_faster_and_what_the_numbers_mean(
    ask: Ask, tmp_path: Path
) -> None:
    """Data of y = 2 x + 5 with x around 100: a ravine, which standardised is round."""
    table = tmp_path / "ravine.csv"
    table.write_text("x,y\n" + "".join(f"{x},{2 * x + 5}\n" for x in range(90, 111)))
    run = ("train", "--data", str(table), "--print-every", "900")

    slow = ask(*run, "--steps", "900", "--lr", "9e-5")
    *_, far, more, fitted = slow.out.splitlines()
    assert slow.code == 0
    assert far.startswith("w of x 2.")
    assert more.startswith("about ")
    assert more.endswith("; --standardise needs about 1 at the best rate")
    assert fitted.startswith("y = 2.04")

    wild = ask(*run, "--steps", "9", "--lr", "0.0001")
    assert (wild.code, "stopped after" in wild.out) == (1, True)
    assert "is above the largest stable, 9.9" in wild.err
    assert "what converges: --standardise (1 iteration at the best rate), or --lr 4.9" in wild.err

    scaled = ask(*run, "--steps", "900", "--standardise", "--lr", "0.1")
    *_, near, fitted = scaled.out.splitlines()
    assert near == "within 1% of the optimum"
    name, formula = fitted.split(" = ")
    slope, shift = formula.split("·x + ")
    assert name == "in the data's own units: y"
    assert [float(slope), float(shift)] == pytest.approx([2, 5], 1e-3)
    (last,) = objects(ask(*run, "--steps", "900", "--standardise", "--lr", "0.1", "--json").out)[1:]
    above = 1.0001 * last["largest_stable_rate"]
    begun = ask(*run, "--steps", "1", "--standardise", "--lr", f"{above}").out
    assert f"of the optimum, since learning rate {above:g} is above the largest stable, " in begun
    assert last["own_units"] == {"w": pytest.approx(2, 1e-4), "b": pytest.approx(5, 1e-3)}


def test_times_that_rounding_leaves_alike_are_to_be_standardised(ask: Ask, tmp_path: Path) -> None:
    table = tmp_path / "times.csv"
    rows = (f"{1_700_000_000_000 + 1000 * n},{n}\n" for n in range(9))
    table.write_text("ms,y\n" + "".join(rows))
    wild = ask("train", "--data", str(table), "--steps", "9")
    assert "what converges: --standardise (1 iteration at the best rate)" in wild.err


def test_data_beyond_the_dtype_leave_nothing_that_json_cannot_say(ask: Ask) -> None:
    answer = ask("train", "--noise", "1e300", "--json")

    (last,) = objects(answer.out)
    assert answer.code == 1
    assert (last["done"], last["iterations"], last["loss"]) == (False, 0, None)


def test_ctrl_c_prints_what_was_reached(run_command: RunCommand) -> None:
    def interrupted(problem: Problem, state: State) -> Iterator[Step]:
        yield from islice(steps(problem, state), 30)
        raise KeyboardInterrupt

    answer = run_command(train.run, "train", "--json", "--print-every", "20", iterate=interrupted)

    assert answer.code == 130
    assert answer.err == "linreg-tui: interrupted after 30 of 5,000 iterations\n"
    assert [row.get("iteration") for row in objects(answer.out)] == [0, 20, None]
    assert objects(answer.out)[-1]["iterations"] == 30


def test_running_out_of_memory_is_one_line(run_command: RunCommand) -> None:
    def exhausted(problem: Problem, state: State) -> Iterator[Step]:
        raise RuntimeError("not enough memory: you tried to allocate 400 bytes\nat alloc_cpu.cpp")

    answer = run_command(train.run, "train", iterate=exhausted)

    assert answer.code == 1
    assert answer.err == (
        "linreg-tui: training failed: not enough memory: you tried to allocate 400 bytes\n"
    )
