"""Data from a file in the app: chosen, read with progress, stopped, refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest
from textual.widgets import Input, Static

from engine.data.source import ProblemError, Table
from engine.training.problem import Problem
from tests.tui.conftest import Open, Screen
from tui.app.tab_bar import TabBar
from tui.chart.deck import ChartDeck
from tui.chart.figures.kinds import Chart
from tui.chart.pane import ChartPane
from tui.run.data_dialog import DataScreen
from tui.run.data_form import DataChoice
from tui.run.other_data import read_data
from tui.run.read_progress import SINGULAR, Teller
from tui.train.gradient_table import GradientTable

PROBLEM = Problem(target=200)
PEOPLE = "height,name,age,weight\n1,a,10,3\n2,b,20,\n3,c,NA,7\n4,d,40,9\n"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


async def form(screen: Screen, **texts: str) -> DataScreen:
    """The dialog, with other texts in its fields."""
    screen.command("Open data")
    await screen.until(lambda: isinstance(screen.app.screen, DataScreen))
    await screen.pilot.pause()
    dialog = screen.app.screen
    assert isinstance(dialog, DataScreen)
    for name, text in texts.items():
        dialog.query_one(f"#{name}", Input).value = text
        await screen.pilot.pause()
    return dialog


async def opened(screen: Screen, path: Path, **texts: str) -> None:
    """Until the file is what is learned from."""
    await form(screen, path=str(path), **texts)
    await screen.pilot.press("enter")
    await screen.until(lambda: _path(screen) == str(path) and not screen.busy)


def _path(screen: Screen) -> str:
    source = screen.problem.source
    return source.path if isinstance(source, Table) else ""


def words(dialog: DataScreen) -> str:
    return str(dialog.query_one(".problem", Static).render())


@pytest.mark.parametrize(("before", "after"), [("1", "train"), ("3", "chart")])
async def test_data_that_were_opened_are_in_front(
    open_app: Open, people: Path, before: str, after: str
) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press(before)
        await opened(screen, people, missing="drop")
        assert screen.tab == after


async def test_the_form_offers_what_the_command_line_does(open_app: Open, people: Path) -> None:
    async with open_app(PROBLEM) as screen:
        choices = {"target": "age", "features": "weight, height", "missing": "drop"}
        await opened(screen, people, **choices, standardise="on")
        source = screen.problem.source
        assert isinstance(source, Table)
        assert (source.target, source.features) == ("age", ("weight", "height"))
        assert source.standardise
        assert (source.points, source.dropped) == (2, 2)
        assert (
            "2 rows: age from weight, height; 2 of 4 rows dropped; and 2 more: ctrl+p, Open data"
        ) in screen.said
        dialog = await form(screen)
        await screen.until(lambda: words(dialog) != "")
        assert words(dialog).splitlines() == [
            "2 rows: age from weight, height; "
            "2 of 4 rows dropped, since a number is missing in them; without name",
            "· missing in dropped rows: 1 of weight, 1 of age",
        ]
        assert "Open data" not in screen.said, "it would lie over the form"


async def test_the_form_says_what_is_wrong_or_learned_and_stays(
    open_app: Open, people: Path
) -> None:
    async with open_app(PROBLEM) as screen:
        dialog = await form(screen, path=str(people), target="wight", missing="maybe")
        await screen.until(lambda: "missing numbers: refuse, or drop" in words(dialog))
        dialog.query_one("#missing", Input).value = "drop"
        await screen.until(lambda: 'no column "wight"; did you mean "weight"?' in words(dialog))
        await screen.pilot.press("enter")
        await screen.pilot.pause()
        assert screen.app.screen is dialog
        await screen.press("escape")
        assert screen.problem == PROBLEM
        dialog = await form(screen, path=str(people)[:-1])
        await screen.pilot.pause()
        assert words(dialog) == "", "a name that is still being typed is no error"
        dialog.query_one("#path", Input).value = str(people)
        await screen.until(
            lambda: "learns weight from height, age; not used: name" in words(dialog)
        )


async def test_the_form_comes_with_the_last_choice_and_forgets_columns_of_another_file(
    open_app: Open, people: Path
) -> None:
    async with open_app(PROBLEM) as screen:
        await opened(screen, people, target="height", features="age", missing="drop")
        dialog = await form(screen)
        texts = {field.id: field.value for field in dialog.query(Input)}
        assert (texts["path"], texts["target"], texts["features"]) == (str(people), "height", "age")
        dialog.query_one("#path", Input).value = str(people) + "2"
        await screen.pilot.pause()
        texts = {field.id: field.value for field in dialog.query(Input)}
        assert (texts["target"], texts["features"], texts["missing"]) == ("", "", "drop")


ROWS = b"1,2\n" * 5000


@contextmanager
def endless(folder: Path) -> Iterator[tuple[Path, int]]:
    """A file of which some rows are there, and where more are to be written."""
    path = folder / "endless.csv"
    os.mkfifo(path)
    end = os.open(path, os.O_RDWR)
    os.write(end, b"x,y\n" + ROWS)
    try:
        yield Path(f"/dev/fd/{end}"), end
    finally:
        os.close(end)
        path.unlink()


def at_work(screen: Screen) -> bool:
    return any(w.group == "training" and w.is_running for w in screen.app.workers)


async def test_reading_shows_how_far_it_is_and_can_be_stopped(
    open_app: Open, tmp_path: Path
) -> None:
    async with open_app(PROBLEM) as screen:
        screen.bench.trainer.progress = partial(Teller, seconds=0.0)
        await screen.press("2", "n")
        for iterations, (key, tab) in enumerate(
            (("escape", "1"), ("escape", "3"), ("ctrl+c", "2"))
        ):
            await screen.press(tab)
            await read_and_stop(screen, tmp_path, key)
            await screen.press("2", "n")
            assert screen.run.state.iteration == 2 + iterations, "training goes on as before"


async def read_and_stop(screen: Screen, folder: Path, key: str) -> None:
    """Begin to read a file without an end, and press a key that stops it."""
    screen.app.clear_notifications()
    before = screen.experiment
    bar = screen.app.query_one(TabBar)
    with endless(folder) as (path, end):
        read_data(screen.bench.trainer, DataChoice(path))
        line = f"reading {end}: 0.0 MB, 0 s · escape stops it"
        await screen.until(lambda: line in str(bar.render()))
        await screen.pilot.press("space", "n", "plus")
        await screen.pilot.pause()
        assert screen.busy == "reading", "nothing else begins meanwhile"
        await screen.pilot.press(key)
        await screen.until(lambda: "stopped reading" in screen.said)
        assert screen.experiment is before
        assert "float32" in str(bar.render())
        os.write(end, ROWS)
        await screen.until(lambda: not at_work(screen))


async def drawn(screen: Screen, chart: Chart) -> None:
    """A chart, on the screen."""
    pane = screen.app.query_one(ChartPane)
    pane.chart, deck = chart, pane.query_one(ChartDeck)
    await screen.until(lambda: not deck.is_due)


async def test_files_of_different_width_follow_each_other(
    open_app: Open, tmp_path: Path, people: Path
) -> None:
    narrow = tmp_path / "narrow.csv"
    narrow.write_text("x,y\n1,2\n2,3\n3,5\n")
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n")
        for path, features, tab in ((people, 2, "2"), (narrow, 1, "3"), (people, 2, "3")):
            await screen.press(tab)
            await opened(screen, path, missing="drop")
            assert screen.problem.features == features
            await screen.press("n", "n")
            if tab == "3":
                for chart in Chart:
                    await drawn(screen, chart)
            await screen.press("2")
            table = screen.app.query_one(GradientTable).text
            assert table.count("∂w") == features
        assert len(screen.experiment.branches) == 4


async def test_data_that_decide_nothing_train_and_are_drawn(open_app: Open, tmp_path: Path) -> None:
    async with open_app(PROBLEM) as screen:
        for kind, text in (("one row", "x,y\n1,2\n"), ("equal x", "x,y\n3,1\n3,2\n3,4\n")):
            path = tmp_path / f"{kind}.csv"
            path.write_text(text)
            screen.app.clear_notifications()
            await opened(screen, path)
            assert SINGULAR in screen.said
            await screen.press("2", "n", "n")
            assert SINGULAR in screen.app.query_one(GradientTable).text
            await screen.press("3")
            for chart in Chart:
                await screen.press("n")
                await drawn(screen, chart)
            assert screen.run.state.iteration == 2 + len(Chart)


REFUSED = {
    "empty": (b"", "is empty"),
    "only a header": (b"x,y\n", "has a header but no rows"),
    "no numbers": (b"a,b\nc,d\n", "needs two columns of numbers"),
    "text": (b"x,y\n1,2\n3,4\n1,oops\n", ':4: column "y": "oops" is not a number'),
    "nan": (b"x,y\n1,2\nnan,4\n", 'column "x" has no number; 1 row has a missing number'),
    "inf": (b"x,y\n1,2\n3,inf\n", 'column "y": inf is not finite'),
    "1e308": (b"x,y\n1,2\n3,1e308\n", "1e308 is too large for float32"),
    "NUL": (b"x,y\n1,2\n3,4\0\n", 'column "y": "4�" is not a number, but holds a NUL byte'),
    "UTF-16 text": ("x,y\n1,2\n3,größe\n".encode("utf-16"), '"größe" is not a number'),
    "BOM": (b"\xef\xbb\xbfx,y\n1,2\n3,z\n", ':3: column "y": "z" is not a number'),
    "1 MB line": (b"x" * (1 << 20), "holds a cell longer than 131,072 characters"),
    "ragged": (b"x,y\n1,2\n3\n", ":3: 1 field where 2 are expected"),
    "escapes": (b"x,y\n1,2\n3,\x1b]0;owned\x07\n", '"�]0;owned�" is not a number'),
}


async def test_what_is_no_data_is_one_line_and_the_old_data_stay(
    open_app: Open, tmp_path: Path
) -> None:
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n")
        before = screen.experiment
        for kind, (content, message) in REFUSED.items():
            path = tmp_path / f"{kind}.csv"
            path.write_bytes(content)
            await refused(screen, path, message)
        os.mkfifo(tmp_path / "pipe")
        await refused(screen, tmp_path / "pipe", "cannot read pipe: it is a named pipe")
        await refused(screen, Path("/dev/zero"), "cannot read zero: it is a device")
        await refused(screen, tmp_path, "Is a directory")
        await refused(screen, Path("/"), "cannot read /: Is a directory")
        await refused(screen, tmp_path / "none.csv", "No such file")
        await refused(screen, tmp_path / ("n" * 300), "File name too long")
        if sys.platform == "linux":
            await refused(screen, Path("/proc/self/mem"), "cannot read mem: Input/output error")
        assert screen.experiment is before
        await screen.press("n")
        assert screen.run.state.iteration == 2


async def test_a_file_that_cannot_be_read_to_its_end_is_asked_for_again(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n" + "1,2\n" * 5_000 + "1,\n")
    async with open_app(PROBLEM) as screen:
        await form(screen, path=str(path), standardise="on")
        await screen.pilot.press("enter")
        await screen.until(lambda: problem_of(screen))
        assert "--drop-missing leaves such rows out" in problem_of(screen)
        assert "(here: missing numbers: drop)" in problem_of(screen).replace("\n", " ")
        dialog = screen.app.screen
        assert dialog.query_one("#standardise", Input).value == "on"
        dialog.query_one("#missing", Input).value = "drop"
        await screen.pilot.press("enter")
        await screen.until(lambda: _path(screen) == str(path) and not screen.busy)
        assert screen.problem.source.points == 5_000


def problem_of(screen: Screen) -> str:
    """What the form says is wrong; empty where there is no form."""
    if not isinstance(screen.app.screen, DataScreen):
        return ""
    return str(screen.app.screen.query_one(".problem", Static).render())


async def refused(screen: Screen, path: Path, message: str) -> None:
    """Also where the file was another one when the form looked at it."""
    screen.app.clear_notifications()
    read_data(screen.bench.trainer, DataChoice(path))
    await screen.until(lambda: message in screen.said)
    (line,) = screen.messages
    assert "\n" not in line
    assert not screen.busy


async def test_encodings_are_read(open_app: Open, tmp_path: Path) -> None:
    async with open_app(PROBLEM) as screen:
        for encoding in ("utf-8-sig", "utf-16"):
            path = tmp_path / f"{encoding}.csv"
            path.write_bytes("größe,y\n1,2\n3,4\n".encode(encoding))
            await opened(screen, path)
            assert screen.problem.source.feature_names == ("größe",)


async def test_a_file_that_becomes_shorter_is_refused(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n" + "1,2\n" * 50_000)

    def cut(_done: int, total: int | None) -> None:
        if path.stat().st_size == total:
            os.truncate(path, total - 40)

    async with open_app(PROBLEM) as screen:
        screen.bench.trainer.progress = lambda _name, _tell: cut
        await refused(screen, path, "points.csv became shorter while it was read")
        assert screen.problem == PROBLEM


async def test_it_may_be_gone_before_a_file_is_looked_at(open_app: Open) -> None:
    reading, go_on = Event(), Event()

    def read(*_: object) -> NoReturn:
        reading.set()
        go_on.wait()
        raise ProblemError("nothing to learn from")

    async with open_app(PROBLEM) as screen:
        dialog = DataScreen(PROBLEM, read)
        await screen.app.push_screen(dialog)
        await screen.pilot.press("x", "enter")
        await screen.until(reading.is_set)
        await dialog.query_one(".dialog").remove()
        workers = [one for one in screen.app.workers if one.node is dialog]
        go_on.set()
        await screen.until(lambda: all(one.is_finished for one in workers))
        assert workers
        assert screen.app.failure is None
