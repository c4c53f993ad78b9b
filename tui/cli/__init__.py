"""The command line: `main` reads what is wanted, by `options`, and hands over to one command.

Those about `scripts` and `training` need no screen, for CI and for people who want none; others
`start` the app. Like the rest of `tui`, nothing here loads torch until a command needs it. They
may be called in a project that has an `engine.py`, which Python would find first: ours is beside
`tui`.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def _find_ours(name: str) -> None:
    spec = spec_from_file_location(name, Path(__file__).parents[2] / name / "__init__.py")
    if name not in sys.modules and spec is not None and spec.loader is not None:
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


_find_ours("engine")
