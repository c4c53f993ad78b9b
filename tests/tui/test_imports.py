"""What importing the program loads: the first frame is painted before torch is there."""

from __future__ import annotations

import json
import subprocess
import sys

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
