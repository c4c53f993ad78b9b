from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "problem", "points", "history", "theory", "breakpoints", "pace", "divergence", "run",
        "branches", "changes", "comparison", "export", "tables",
    ],
)  # fmt: skip
def test_records_are_imported_without_torch(module: str) -> None:
    code = f"import engine.regression.{module}, sys; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
