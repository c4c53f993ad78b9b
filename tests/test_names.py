"""One name, one meaning: no class twice in a package; and every docstring says something."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

import engine
import tui

PACKAGES = [Path(package.__file__ or "").parent for package in (engine, tui)]
Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def definitions(package: Path) -> list[Named]:
    """Every public class, function and method."""
    trees = [ast.parse(path.read_text()) for path in sorted(package.rglob("*.py"))]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, Named)]
    return [node for node in found if not node.name.startswith("_")]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_no_class_name_has_two_meanings(package: Path) -> None:
    names = Counter(n.name for n in definitions(package) if isinstance(n, ast.ClassDef))
    assert names
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_docstrings_say_more_than_a_few_words(package: Path) -> None:
    texts = [ast.get_docstring(node) or "" for node in definitions(package)]
    assert [text for text in texts if 1 <= len(text.split()) <= 4] == []
