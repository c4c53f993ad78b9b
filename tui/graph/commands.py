"""What the command palette can do in the Graph tab: export its graph, open files and lessons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from textual.app import App, SystemCommand

from engine import atomic_files
from engine.autograd.graph import Graph
from engine.autograd.graphviz import dot
from engine.lessons import LESSONS, Lesson
from tui.kit.file_prompt import ask_path, export_file
from tui.script.rank_lens import RankLens


def commands(
    app: App[None],
    graph: Callable[[], Graph | None],
    open_script: Callable[[], None],
    go_to: Callable[[], None],
) -> Iterator[SystemCommand]:
    """The commands; `graph` is the one on the screen, the other two ask for where to go.

    `open_script` asks for a Python file, `go_to` for a pass or a node.
    """
    yield SystemCommand(
        "Export graph", "for Graphviz", lambda: app.run_worker(export_graph(app, graph()))
    )
    says = "run a file of your own in the Graph tab"
    yield SystemCommand("Open Python file", says, open_script)
    yield SystemCommand("Go to pass", "of the recording in the Graph tab, or to a node", go_to)


def rank_commands(
    lens: RankLens | None, see: Callable[[RankLens], None]
) -> Iterator[SystemCommand]:
    """The commands that show one rank of a run, or all; none where there is one process."""
    if lens is None:
        return
    for rank in lens.run.present:
        one = lens.at(rank)
        yield SystemCommand(f"Show rank {rank:,}", one.words, partial(see, one))
    every = replace(lens, every=True)
    yield SystemCommand("Show all ranks", "the selected node on each of them", partial(see, every))


def lesson_commands(open_lesson: Callable[[Lesson], None]) -> Iterator[SystemCommand]:
    """The commands that open a lesson or a mistake each."""
    for lesson in LESSONS:
        kind = "Mistake" if lesson.group == "mistake" else "Lesson"
        yield SystemCommand(f"{kind}: {lesson.title}", lesson.summary, partial(open_lesson, lesson))


async def export_graph(app: App[None], graph: Graph | None) -> None:
    """Ask for a file's name, and write the graph there in Graphviz's language."""
    if graph is None:
        app.notify("no graph yet", severity="error")
    elif path := await ask_path(app, "export graph for Graphviz", "graph.dot"):
        text = dot(graph).encode()
        await export_file(app, path, lambda: atomic_files.write(path, [text]))
