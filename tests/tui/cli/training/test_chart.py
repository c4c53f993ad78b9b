from __future__ import annotations

import pytest

from tui.chart.figures.kinds import Chart
from tui.cli.main import main

SMALL = ("--steps", "20", "--width", "60", "--height", "12")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["chart", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("chart", Chart)
def test_every_chart_is_printed_in_the_size_asked_for(
    chart: Chart, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys, chart, *SMALL).splitlines()
    assert len(lines) == 12
    assert all(len(line) <= 60 for line in lines)
    assert "\x1b" not in "".join(lines)


def test_the_fit_is_the_usual_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "fitted" in printed(capsys, "--steps", "20", "--width", "100", "--height", "20")


def test_colour_comes_when_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[38;5;" in printed(capsys, "loss", *SMALL, "--color")


def test_ascii_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "params", *SMALL, "--glyphs", "ascii").isascii()


def test_many_points_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert "░▒▓█ 5,000 points" in printed(capsys, "fit", *SMALL, "--points", "5000")


def test_a_run_that_diverges_is_drawn_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart", "loss", "--lr", "5", "--width", "60", "--height", "12"]) == 1
    said = capsys.readouterr()
    assert "Loss" in said.out
    assert "diverged" in said.err


@pytest.mark.parametrize(
    "arguments",
    [("--width", "3"), ("--width", "0"), ("--height", "100000"), ("pie",), ("--glyphs", "emoji")],
)
def test_wrong_use_is_said_in_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["chart", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
