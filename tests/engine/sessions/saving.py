"""A program that saves a session again and again until it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

SAVES = """
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from engine.sessions.storage import load, save
path = Path(sys.argv[1])
session = load(path)
for number in count(1):
    save(path, replace(session, pace=float(number)))
    print(number, flush=True)
"""


def killed_while_saving(path: Path, seconds: float) -> int:
    """Kill it so long after its first save; the number of the last save that it reported.

    The saves of the session in `path` are numbered by their pace.
    """
    with subprocess.Popen(
        [sys.executable, "-c", SAVES, str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        reported = first + process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    return int(reported.splitlines()[-1])
