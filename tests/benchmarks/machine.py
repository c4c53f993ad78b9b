"""On what was measured, and with which versions."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "textual", "plotext", "numpy", "torchviz", "torchlens", "tensorboard")


def machine() -> dict[str, str]:
    """Names and what they are, as texts."""
    facts = {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB",
        "load": f"{os.getloadavg()[0]:.2f}",
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    facts |= {name: _version(name) for name in PACKAGES}
    return facts | {"dot": _dot(), "cuda": _cuda()}


def _processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.processor()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _dot() -> str:
    if not shutil.which("dot"):
        return "not installed"
    said = subprocess.run(["dot", "-V"], capture_output=True, text=True, check=False).stderr
    found = re.search(r"[\d.]+", said)
    return found[0] if found else "unknown"


def _cuda() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
