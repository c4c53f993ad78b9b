"""What cannot be written is one line, whatever it is and whyever; what there was stays."""

from __future__ import annotations

import re
import resource
from contextlib import chdir
from pathlib import Path
from shutil import rmtree

import pytest

from engine.sessions.storage import autosave_path, load
from engine.training.problem import Problem
from tests.tui.chart.figures.examples import scene
from tests.tui.conftest import Open, Screen
from tui.chart.export_dialog import ExportKind
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.picture_file import Format
from tui.chart.figures.view import View
from tui.chart.pane import ChartPane
from tui.kit.prompt import PromptScreen
from tui.kit.question import QuestionScreen

PROBLEM = Problem(target=300)
PICTURE = picture(Chart.FIT, scene(), View(60, 15))
NAMED = ("export_graph", "export_history", "save_as")
"""The app's actions that ask for a file."""
KINDS: tuple[Format, ...] = ("svg", "html", "txt")
CHARTS: tuple[ExportKind, ...] = (*KINDS, "copy")
"""Ways to take a chart away, whose file's name is made."""


@pytest.fixture(autouse=True)
def no_clipboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A console, where what is copied is left in a file."""
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


async def asked(screen: Screen, way: str, name: str) -> str:
    """The one line that the app says to being asked for a file, which may be overwritten."""
    screen.app.clear_notifications()
    if kind := next((kind for kind in CHARTS if kind == way), None):
        screen.app.query_one(ChartPane).take(kind, PICTURE)
    else:
        await screen.app.run_action(way)
        await screen.until(lambda: isinstance(screen.app.screen, PromptScreen))
        await screen.until(lambda: screen.app.screen.is_mounted)
        screen.app.screen.dismiss(name)
    await screen.until(lambda: len(screen.notes) or isinstance(screen.app.screen, QuestionScreen))
    if isinstance(screen.app.screen, QuestionScreen):
        screen.app.screen.dismiss(True)
        await screen.until(lambda: len(screen.notes))
    await screen.pilot.pause()
    (note,) = screen.notes
    assert "\n" not in note.message, way
    return f"{note.severity}: {note.message}"


async def refused(screen: Screen, way: str, why: str, name: str = "file") -> None:
    """A complaint, and nothing else."""
    before = contents()
    said = await asked(screen, way, name)
    assert re.match(rf"error: (not saved: )?cannot (write|lock) \S+: ({why})$", said), (way, said)
    assert contents() == before, way


def contents() -> dict[str, bytes | None]:
    """All that is in this folder, hidden or not."""
    return {path.name: path.read_bytes() if path.is_file() else None for path in Path().glob("*")}


async def test_whatever_cannot_be_written_is_said_and_the_app_goes_on(
    open_app: Open, tmp_path: Path, small_files: None
) -> None:
    folder, gone = tmp_path / "folder", tmp_path / "gone"
    for made in (folder, gone, folder / "taken"):
        made.mkdir()
    files = dict.fromkeys(("file", *(f"linreg-fit.{kind}" for kind in KINDS)), b"old")
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "c", "1", "c")
        with chdir(gone):
            gone.rmdir()
            for way in (*NAMED, *CHARTS):
                await refused(screen, way, "No such file or directory")
        if Path("/sys/kernel").is_dir():  # root may write everywhere else
            with chdir("/sys"):
                for way in (*NAMED, *CHARTS):
                    await refused(screen, way, "Permission denied|Read-only file system")
        with chdir(folder):
            for name, content in files.items():
                Path(name).write_bytes(content)
            for way in NAMED:
                await refused(screen, way, "Is a directory", "taken")
                await refused(screen, way, "File name too long", "a" * 300)
                await refused(screen, way, "No space left on device|Permission denied", "/dev/full")
            room = resource.getrlimit(resource.RLIMIT_FSIZE)
            # Graphs of lessons are small; the fixture puts back what was there before.
            resource.setrlimit(resource.RLIMIT_FSIZE, (200, room[1]))
            for way in (*NAMED, *CHARTS):
                await refused(screen, way, "File too large")
            assert contents() == files | {"taken": None}
            resource.setrlimit(resource.RLIMIT_FSIZE, (room[1], room[1]))
            for way in (*NAMED, *CHARTS):
                assert (await asked(screen, way, way)).startswith("information: "), way
            assert load(Path("save_as")).experiment.branch.run.state.iteration == 300


async def test_a_session_whose_file_cannot_be_written_is_kept_on_the_way_out(
    open_app: Open, tmp_path: Path
) -> None:
    own = tmp_path / "own.json"
    async with open_app(PROBLEM) as screen:
        await screen.press("2", "n")
        assert str(own) in await asked(screen, "save_as", str(own))
        await screen.press("n")
        own.unlink()
        own.mkdir()
        screen.app.save_session()
        assert screen.app.last_words == (
            f"not saved: cannot write {own}: Is a directory; "
            "kept all the same: go on with linreg-tui --resume"
        )
        kept = autosave_path()
        assert load(kept).experiment.branch.run.state.iteration == 2
        rmtree(kept.parent)
        kept.parent.touch()
        screen.app.save_session()
        assert screen.app.last_words == f"not saved: {kept} cannot be kept aside: Not a directory"
