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
for name in ("tui.chart.figures.draw", "tui.app.app"):
    import_module(name)
found["tui.app.app"] = [package for package in HEAVY[:3] if package in sys.modules]
print(json.dumps(found))
"""


def test_neither_torch_nor_a_screen_is_loaded_before_it_is_needed() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    app = found.pop("tui.app.app")
    assert found == {name: [] for name in found}
    assert not {"torch", "plotext"} & set(app)
