"""The map of a package, in its docstring, has all of its modules and no others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import engine

ROOT = Path(engine.__file__).parent
PACKAGES = sorted(path.parent for path in ROOT.rglob("__init__.py"))
MAPS = [path for path in PACKAGES if path.name != "lessons"]


@pytest.mark.parametrize("package", MAPS, ids=lambda path: path.name)
def test_the_map_of_a_package_is_complete(package: Path) -> None:
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    entries = set(re.findall(r"^    ([a-z_]+)  ", text, re.MULTILINE))
    named = {name for name in modules if re.search(rf"\b{name}\b", text)}
    assert named == modules
    assert {name for name in entries if not (package / name).is_dir()} <= modules
