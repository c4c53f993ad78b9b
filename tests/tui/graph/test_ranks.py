"""A run of several ranks in the app: which rank is seen, its all-reduce, and all side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.rank_folder import RankFolder
from tests.engine.ranks.hand_made import run, saved, with_part
from tests.tui.app.hostile.conftest import painted
from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import heading, opened, paragraphs, selected
from tui.graph.subjects.growth import Growth, follow_ranks
from tui.script.rank_lens import SeenRun
from tui.script.subject import SavedRun


def node_panel(screen: Screen) -> str:
    return painted(screen.app.screen, ["#node"])["#node"]


def status(screen: Screen) -> str:
    names = {"train": "#pass-status", "chart": "#pass-chart-status"}
    return str(screen.app.query_one(names[screen.tab]).render())


def differing() -> DistributedRun:
    """A run in which `w` was averaged on rank 0 otherwise than on rank 1, in its second pass."""
    made = run()
    one = made.ranks[1]
    assert one is not None
    first, wrong, *rest = one.rank_passes
    wrong = with_part(wrong, "w", norm=9.0, digest=7)
    ranks = (made.ranks[0], replace(one, rank_passes=(first, wrong, *rest)))
    return replace(made, ranks=ranks)


async def test_ranks_are_turned_where_one_is(open_app: Open, tmp_path: Path) -> None:
    folder = saved(tmp_path / "out", run())
    async with open_app(size=(120, 40)) as screen:
        pane = await opened(screen, SavedRun(folder))
        assert "rank 0 of 2 · cuda:0 · out" in heading(screen)
        assert selected(screen).op == "all-reduce"
        await screen.press("S", "S")
        assert selected(screen).op == "all-reduce"
        panel = node_panel(screen)
        assert [word in panel for word in ("rank 0", "rank 1", "mean of 2", "✓ the same")] == [
            True
        ] * 4
        position = pane.player.position
        await screen.press("R")
        assert "rank 1 of 2 · cuda:1" in heading(screen)
        assert (pane.player.position, selected(screen).op) == (position, "all-reduce")
        await screen.press("R", "S")
        assert "both ranks · at rank 0" in heading(screen)
        assert selected(screen).name == "w"
        await screen.until(lambda: "≠" in node_panel(screen))
        await screen.press("2")
        await screen.until(lambda: "both ranks" in status(screen))
        ranks = painted(screen.app.screen, ["#pass-ranks"])["#pass-ranks"]
        assert "rank 1" in ranks
        assert " to " in str(screen.app.query_one("#pass-loss-label").render())
        await screen.press("R", "3")
        await screen.until(lambda: "rank 0 of 2" in status(screen))
        screen.command("Show rank 1")
        await screen.until(lambda: "rank 1 of 2" in status(screen))
        pane.opener.open("backward")
        await screen.until(lambda: pane.player.lens is None and pane.player.recording)
        assert "Show rank 1" not in [
            one.title for one in screen.app.get_system_commands(screen.app.screen)
        ]


async def test_what_is_wrong_between_ranks_is_found(open_app: Open, tmp_path: Path) -> None:
    folder = saved(tmp_path / "out", differing())
    async with open_app(size=(120, 40)) as screen:
        pane = await opened(screen, SavedRun(folder))
        assert pane.player.lens
        kinds = [fault.kind for fault in pane.player.lens.faults]
        at = kinds.index("reduced gradients differ")
        await screen.press(*["exclamation_mark"] * (at + 1))
        await screen.until(lambda: selected(screen).name == "w.grad")
        assert pane.player.window
        assert pane.player.window.number == 1
        assert "✗" in node_panel(screen)
        assert "w" in paragraphs(screen)


def test_a_folder_is_followed_until_all_ranks_have_ended(tmp_path: Path) -> None:
    folder = RankFolder(saved(tmp_path / "out", run(behind=(1,))))
    seen: list[SeenRun] = []
    turns = iter([False, False, True])
    last = follow_ranks(folder, Growth(seen.append), lambda: next(turns))
    folder.close()
    assert seen
    assert [one.ending if one else None for one in last.run.ranks] == ["end", "running"]
