from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "training.problem", "training.points", "training.history", "training.theory",
        "training.breakpoints", "training.pacer", "training.divergence", "training.run",
        "training.branches", "training.changes", "training.comparison", "training.history_csv",
        "data.table_cache",
    ],
)  # fmt: skip
def test_records_are_imported_without_torch(module: str) -> None:
    code = f"import engine.{module}, sys; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
