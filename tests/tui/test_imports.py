"""What importing the program loads: the first frame is painted before torch is there."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

CODE = """
import contextlib, io, json, sys
from importlib import import_module

HEAVY = ("torch", "numpy", "plotext", "textual")
found = {}
for name in ("tui", "tui.cli.main"):
    import_module(name)
    found[name] = [package for package in HEAVY if package in sys.modules]
from tui.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    for line in ("--help", "--version", "train --help", "chart --help", "train --lr -1"):
        main(line.split())
        found[line] = [package for package in HEAVY if package in sys.modules]
import_module("tui.app.app")
found["tui.app.app"] = [package for package in HEAVY[:3] if package in sys.modules]
tabs = ("tui.train.pane", "tui.chart.pane", "tui.train.script_train", "tui.chart.script_chart")
for tab in tabs:
    import_module(tab)
found["the other tabs"] = [package for package in ("torch", "plotext") if package in sys.modules]
print(json.dumps(found))
"""


def test_neither_torch_nor_a_screen_is_loaded_before_it_is_needed() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found == {name: [] for name in found}


FIRST_FRAME = """
import json, sys
from importlib import import_module

for name in ("tui.cli.main", "tui.cli.start.open_app", "tui.app.app", "tui.config.settings"):
    import_module(name)
import_module("tui.cli.options.arguments").read("", [])
print(json.dumps([name for name in sys.modules if name.startswith(("engine.", "tui."))]))
"""
OF_NO_FIRST_FRAME = (
    *("engine.autograd", "engine.ranks", "engine.rules", "engine.sessions"),
    *("engine.recording.records", "tui.app.workbench", "tui.diagram", "tui.graph.pane"),
    *("tui.run", "tui.session", "tui.train"),
)


def test_a_first_frame_imports_no_records_and_no_tab() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert "tui.app.first_frame" in found
    assert [name for name in found if name.startswith(OF_NO_FIRST_FRAME)] == []


DOORS = {
    "tui/__init__.py": {"tui.inspect_tensor"},
    "tui/app/app.py": {"tui.app.commands", "tui.app.workbench"},
    "tui/app/commands.py": {
        "tui.chart",
        "tui.chart.pane",
        "tui.chart.script_chart",
        "tui.graph.edit.commands",
    },
    "tui/app/load_engine.py": {"engine.training.device", "tui.run"},
    "tui/app/workbench.py": {
        "tui.chart.pane",
        "tui.chart.script_chart",
        "tui.script.passes.histories",
        "tui.train.pane",
        "tui.train.script_train",
    },
    "tui/chart/deck.py": {"engine.training.point_counts"},
    "tui/chart/figures/canvas.py": {"plotext", "plotext._figure"},
    "tui/cli/options/arguments.py": {
        "tui.app.key_actions",
        "tui.cli.options.script_options",
        "tui.cli.options.targets",
    },
    "tui/cli/options/data_options.py": {
        "engine.data.table_cache",
        "tui.run.data_form",
        "tui.run.read_progress",
    },
    "tui/cli/scripts/graph.py": {"engine.script.recorder"},
    "tui/cli/start/open_app.py": {
        "tui.app.app",
        "tui.cli.start.opened_on",
        "tui.config.settings",
        "tui.graph.subjects.started_ahead",
        "tui.process",
    },
    "tui/cli/options/training_options.py": {"engine.training.device"},
    "tui/cli/start/serve.py": {"tui.cli.start.web_server"},
    "tui/config/keymap.py": {"textual.binding"},
    "tui/config/toml_text.py": {"tomllib"},
    "tui/diagram/layout/boxes.py": {"tui.diagram.layout.sugiyama"},
    "tui/graph/subjects/loader.py": {"engine.script.recorder"},
    "tui/graph/predict/mode.py": {"tui.graph.predict.next_question"},
    "tui/graph/edit/late_editing.py": {
        "tui.graph.edit.editing",
        "tui.graph.side_by_side.opening",
    },
    "tui/diagram/node_facts.py": {"engine.rules.table"},
    "tui/inspect_tensor.py": {"tui.process.embedded"},
    "tui/process/crash.py": {"importlib.metadata"},
    "tui/process/guarded_app.py": {"tui.process.driver"},
    "tui/run/commands.py": {"engine.training.device"},
    "tui/run/data_dialog.py": {"engine.data.table_cache"},
    "tui/run/work.py": {"tui.run"},
    "tui/script/subject.py": {"engine.autograd.backward"},
    "tui/train/pane.py": {"tui.run.moves"},
    "engine/data/parquet_child.py": {"polars"},
    "engine/script/process/child.py": {
        "engine.script.checks.checks",
        "engine.script.process.run_script",
    },
    "engine/script/lines/torch_calls.py": {"engine.script.checks.checks"},
    "engine/script/process/process_tree.py": {"ctypes"},
    "engine/script/process/run_script.py": {"engine.script.distributed.rank_watch"},
}
"""Where something is imported late, and what: torch, numpy, plotext or the app loads there, or
what no first frame needs. A new door is a decision: write it down here."""


def test_functions_import_at_these_doors_only() -> None:
    root = Path(__file__).parents[2]
    found: dict[str, set[str]] = {}
    for file in sorted([*root.glob("tui/**/*.py"), *root.glob("engine/**/*.py")]):
        late = {
            name
            for function in ast.walk(ast.parse(file.read_text()))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            for name in imported(node)
        }
        if late:
            found[file.relative_to(root).as_posix()] = late
    assert found == DOORS


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
