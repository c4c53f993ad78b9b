"""How a recording ended, in words: where one is at its end, before that, and on other tabs."""

from __future__ import annotations

from engine.recording.records import Ending

ENDINGS: dict[Ending, str] = {
    "exit": "the script ended itself here",
    "bound": "stopped here: the script runs more lines than are recorded; these stay",
    "cancelled": "cancelled here; what was recorded stays",
    "time": "stopped here: the script took too long; what was recorded stays",
    "killed": "the script's process ended without a word{after}; what was recorded stays",
    "running": "the script is still running: what comes is shown as it comes",
}
CUT: dict[Ending, str] = {
    "bound": "stopped, since the script runs more lines than are recorded",
    "cancelled": "cancelled",
    "time": "stopped, since the script took too long",
    "killed": "the script's process ended without a word{after}",
}
"""The same endings, read at an earlier position."""
ENDED: dict[Ending, str] = {
    "bound": "stopped: it ran more lines than are recorded",
    "cancelled": "cancelled",
    "time": "stopped: it took too long",
    "killed": "ended without a word",
    "exit": "exited",
}
"""In a few words, where the script has a name before; the Graph tab says more."""
