"""What a process has used so far: memory in bytes and seconds of CPU, from Linux's /proc.

Not `getrusage`: its peak of memory is handed on from a process to those that it starts.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
HAS_PROC = Path("/proc/self/status").exists()


def memory(pid: int | str = "self") -> int:
    """Resident now."""
    return 1024 * _status(pid, "VmRSS")


def peak_memory(pid: int | str = "self") -> int:
    """Resident at most so far."""
    return 1024 * _status(pid, "VmHWM")


def forget_peak() -> None:
    """Count what this process has at most from here on."""
    Path("/proc/self/clear_refs").write_text("5")


def threads(pid: int | str = "self") -> int:
    """How many it has now."""
    return _status(pid, "Threads")


def cpu_seconds(pid: int) -> float:
    """Of all its threads."""
    return _seconds(Path(f"/proc/{pid}/stat"))


def main_thread_seconds(pid: int) -> float:
    """Of its first thread alone, on which a terminal program draws."""
    return _seconds(Path(f"/proc/{pid}/task/{pid}/stat"))


def _seconds(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _status(pid: int | str, field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise OSError(f"/proc says nothing of {field}")
    return int(found[1])
