"""Being asked before a step, answering, and what is said then."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch
from textual.widgets import Input, OptionList

from tests.tui.conftest import Open, Screen
from tests.tui.graph.screens import (
    IN_PROCESS,
    heading,
    lesson,
    opened,
    pane_of,
    selected,
    stand,
)
from tui.diagram.box_view import BoxView
from tui.graph.predict.panel import ChoiceLine, QuestionPanel
from tui.graph.predict.scores import read_scores, scores_path
from tui.graph.subjects.lesson_list import YOUR_RUN, LessonList
from tui.graph.tensor_table import TensorTable
from tui.inspect_tensor import live_tensor
from tui.kit.paragraphs import Paragraphs
from tui.script.subject import Script

BEFORE_BACKWARD = 7
"""Lines of the lesson that have run where its first `backward` is next."""


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def laid_out(screen: Screen, size: tuple[int, int]) -> bool:
    """Whether all has the room of a terminal of this size."""
    return screen.app.screen.size == size and screen.bench.size == size


def question(screen: Screen) -> str:
    """What is asked; empty where nothing is."""
    panel = screen.app.query_one(QuestionPanel)
    return str(panel.query_one(".asks").render()) if panel.display else ""


def choices(screen: Screen) -> dict[str, str]:
    """The answers to choose from, by their letters."""
    texts = [str(line.render()) for line in screen.app.query(ChoiceLine) if line.display]
    return {text[0]: text[1:].strip() for text in texts}


def letter(screen: Screen, answer: str) -> str:
    return next(key for key, text in choices(screen).items() if text == answer)


def said(screen: Screen) -> str:
    return screen.app.query_one("#verdict", Paragraphs).text


async def type_in(screen: Screen, answer: str) -> None:
    screen.app.query_one("#answer", Input).value = answer
    await screen.press("enter")


async def asked(screen: Screen, key: str = "s") -> None:
    """Switch predicting on where the pass begins, and take one step."""
    await lesson(screen, "backward")
    await stand(screen, BEFORE_BACKWARD)
    await screen.press("P", key)


async def test_a_step_is_asked_about_before_it_is_shown(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        pane = pane_of(screen)
        assert "What does Mean send to z?" in question(screen)
        assert "g = 1" in question(screen)
        assert "g × ?" in screen.app.query_one(BoxView).text
        assert "[[0.25, 0.25], [0.25, 0.25]]" in choices(screen).values()
        assert pane.player.position.nodes is None
        assert selected(screen).title == "Mean"
        await screen.press(letter(screen, "[[0.25, 0.25], [0.25, 0.25]]"))
        assert pane.player.position.nodes == 1
        assert said(screen).startswith("✓ right: [[0.25, 0.25], [0.25, 0.25]]")
        assert "predict 1 of 1" in heading(screen)
        assert question(screen) == ""
        assert "?" not in screen.app.query_one(BoxView).text
        assert screen.app.focused is pane


async def test_a_wrong_answer_gets_the_explanation_of_its_mistake(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        await screen.press(letter(screen, "[[1, 1], [1, 1]]"))
        assert said(screen).startswith("✗ not [[1, 1], [1, 1]]")
        assert "it is [[0.25, 0.25], [0.25, 0.25]]" in said(screen)
        assert "forgets the mean" in said(screen)
        assert "predict 0 of 1" in heading(screen)
        await screen.press("s")
        assert said(screen) == ""
        assert "What does Mul send to" in question(screen)


async def test_what_is_typed_may_be_mended(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        for typed, hint in (("-.25 -.25; -.25 -.25", "sign"), ("1 1 1", "shape"), ("x y", "no")):
            await type_in(screen, typed)
            assert hint in str(screen.app.query_one("#question .problem").render())
            assert question(screen)
        await type_in(screen, "1/4 1/4; 1/4 1/4")
        assert said(screen).startswith("✓")


async def test_what_is_no_answer_stays_in_the_line(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        line = screen.app.query_one("#answer", Input)
        for key in ("f", "o", "o"):
            await screen.press(key)
        await screen.press("enter")
        problem = str(screen.app.query_one("#question .problem").render())
        assert problem == "not foo: it is several numbers"
        assert (line.value, line.selected_text) == ("foo", "foo")
        line.value, line.cursor_position = "bad", 3
        await screen.press("enter", "end", "backspace", "backspace")
        assert (line.value, said(screen)) == ("b", ""), "it is no letter that was chosen"
        await screen.press("backspace", "b")
        assert said(screen), "but that one is"


async def test_the_answer_can_be_shown_without_one_or_clicked(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        for nodes, key in enumerate(("escape", "enter"), 1):
            await screen.press(key)
            assert pane_of(screen).player.position.nodes == nodes
            assert said(screen).startswith("it is [[")
            assert " of " not in heading(screen).partition("predict")[2].partition("─")[0]
            await screen.press("s")
            assert question(screen)
        await screen.pilot.click(next(iter(screen.app.query(ChoiceLine))))
        await screen.pilot.pause()
        assert said(screen)
        assert " of 1" in heading(screen).partition("predict")[2]


async def test_what_was_answered_is_not_asked_again_until_the_lesson_is_opened_anew(
    open_app: Open,
) -> None:
    async with open_app() as screen:
        await asked(screen)
        await type_in(screen, "1 1; 1 1")
        assert "forgets the mean" in said(screen), "as where it is chosen"
        await screen.press("S", "s")
        assert question(screen) == ""
        assert pane_of(screen).player.position.nodes == 1
        recording = pane_of(screen).state.recording
        lessons = screen.app.query_one(LessonList)
        lessons.post_message(OptionList.OptionSelected(lessons, lessons.get_option("backward"), 1))
        await screen.until(lambda: pane_of(screen).state.recording not in (None, recording))
        await stand(screen, BEFORE_BACKWARD)
        await screen.press("s")
        assert question(screen)


async def test_a_lesson_asks_about_its_lines(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen, "n")
        assert "x.grad after this" in question(screen)
        await type_in(screen, "3 4.5; 6 7.5")
        assert said(screen).startswith("✓")
        assert pane_of(screen).player.executed_line == 14


async def test_other_steps_ask_nothing(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen, "c")
        assert question(screen) == ""
        for key in ("f", "N", "S", "r", "space"):
            await stand(screen, BEFORE_BACKWARD)
            await screen.press(key)
            assert question(screen) == "", key


async def test_nothing_is_asked_where_it_is_off_or_the_run_is_shared(open_app: Open) -> None:
    async with open_app() as screen:
        pane = await lesson(screen, "backward")
        await stand(screen, BEFORE_BACKWARD)
        await screen.press("s")
        assert question(screen) == ""
        await screen.press("P", "P", "s")
        assert question(screen) == ""
        pane.opener.open(YOUR_RUN)
        await screen.press("P", "s", "s", "s")
        assert question(screen) == ""


async def test_a_question_goes_when_one_is_somewhere_else(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        await stand(screen, 3)
        assert question(screen) == ""
        assert screen.app.focused is pane_of(screen)
        await stand(screen, BEFORE_BACKWARD)
        await screen.press("s")
        assert question(screen)
        await lesson(screen, "forgot_zero")
        assert question(screen) == ""


async def test_coming_back_to_the_tab_the_question_is_still_there(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        screen.bench.tab = "train"
        await screen.pilot.pause()
        screen.bench.tab = "graph"
        await screen.press("s")
        assert pane_of(screen).player.position.nodes is None
        await screen.press("a")
        assert pane_of(screen).player.position.nodes == 1


async def test_a_script_of_ones_own_is_asked_about_and_no_score_is_kept_of_it(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "own.py"
    path.write_text("import torch\nx = torch.tensor(3.0, requires_grad=True)\n(x * x).backward()\n")
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(path))
        await stand(screen, 2)
        await screen.press("P", "n")
        assert "What is x.grad after this pass?" in question(screen)
        await type_in(screen, "6")
        assert said(screen).startswith("✓ right: 6")
        assert "predict 1 of 1" in heading(screen)
    assert not scores_path().exists()


async def test_a_live_tensor_is_asked_about(open_app: Open) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    async with open_app(subject=live_tensor(loss, {"w": w, "loss": loss})) as screen:
        await screen.until(lambda: pane_of(screen).state.recording is not None)
        await screen.pilot.pause()
        await screen.press("P", "s")
        assert "What does Sum send to" in question(screen)
        await type_in(screen, "1 1")
        assert said(screen).startswith("✓")
    assert w.grad is None


async def test_scores_are_kept_shown_and_forgotten(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        await screen.press(letter(screen, "[[1, 1], [1, 1]]"))
        await screen.until(lambda: read_scores(scores_path()).text("backward") == "0/1")
    async with open_app() as screen:
        lessons = screen.app.query_one(LessonList)
        await screen.until(lambda: "0/1" in str(lessons.get_option("backward").prompt))
        await screen.press("P")
        assert "predict 0 of 1" in heading(screen)
        screen.command("Forget scores")
        await screen.until(lambda: "/" not in str(lessons.get_option("backward").prompt))
        await screen.until(lambda: read_scores(scores_path()).text("backward") == "")


async def test_a_broken_file_of_scores_is_one_line(open_app: Open) -> None:
    scores_path().parent.mkdir(parents=True)
    scores_path().write_text("{")
    async with open_app(notifications=True) as screen:
        await screen.until(lambda: len(screen.notes))
        (note,) = screen.notes
        assert "damaged" in note.message
        assert "\n" not in note.message
        await asked(screen)
        await screen.press("a", "s", "a")
        assert len(screen.notes) == 1
        assert scores_path().read_text() == "{"
        screen.command("Forget scores")
        await screen.until(lambda: scores_path().read_text() != "{")


async def test_question_and_answers_are_seen_whole_beside_the_graph(open_app: Open) -> None:
    async with open_app(size=(80, 24)) as screen:
        await asked(screen)
        for size in ((80, 24), (100, 30), (120, 40), (200, 50)):
            await screen.pilot.resize_terminal(*size)
            await screen.until(partial(laid_out, screen, size))
            graph = screen.app.query_one("#drawing").region
            shown = [line for line in screen.app.query(ChoiceLine) if line.display]
            assert len(shown) > 1
            for widget in (*shown, screen.app.query_one("#answer")):
                region = widget.region
                assert region.size.area
                assert not region.overlaps(graph)
                assert screen.app.screen.region.contains_region(region)
                assert screen.app.query_one(QuestionPanel).region.contains_region(region)
            await screen.press("a")
            assert screen.app.query_one("#drawing").region.size == graph.size
            await screen.press("s")


async def test_in_a_narrow_terminal_the_tensors_make_room(open_app: Open) -> None:
    async with open_app(size=(80, 24)) as screen:
        await lesson(screen, "backward")
        assert screen.app.query_one(TensorTable).region.size.area
        await screen.press("P")
        assert not screen.app.query_one(TensorTable).region.size.area
        await screen.press("m")
        assert screen.app.query_one(TensorTable).region.size.area


async def test_a_class_is_asked_below_the_graph_of_a_lecture(open_app: Open) -> None:
    async with open_app(size=(80, 24)) as screen:
        await lesson(screen, "backward")
        await stand(screen, BEFORE_BACKWARD)
        await screen.press("P", "L")
        for size, explained in (((80, 24), "forgets the mean"), ((120, 40), "")):
            await screen.pilot.resize_terminal(*size)
            await screen.until(partial(laid_out, screen, size))
            await screen.press("s")
            graph = screen.app.query_one("#drawing").region
            line = screen.app.query_one("#answer").region
            assert line.size.area
            assert line.y >= graph.bottom
            await screen.press(letter(screen, "[[1, 1], [1, 1]]") if explained else "a")
            assert explained in said(screen)
            verdict = screen.app.query_one("#verdict").region
            assert verdict.size.area
            assert verdict.y >= screen.app.query_one("#drawing").region.bottom


async def test_while_an_answer_is_typed_its_keys_are_not_those_of_the_tab(open_app: Open) -> None:
    async with open_app() as screen:
        await asked(screen)
        await screen.press("1", "slash", "4")
        assert screen.app.query_one("#answer", Input).value == "1/4"
        assert screen.tab == "graph"
        shown = {binding.binding.key for binding in screen.app.screen.active_bindings.values()}
        assert "slash" not in shown
