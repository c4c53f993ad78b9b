"""The prompt for the path of a Python file that is to be recorded."""

from __future__ import annotations

from engine.script.frames.source_file import read_source
from tui.kit.file_path import file_path
from tui.kit.prompt import PromptScreen


def source_prompt() -> PromptScreen:
    """Return a prompt, dismissed with a path as typed, once the file there can be read."""
    return PromptScreen("open a file", "path of a Python file", _source)


def _source(text: str) -> str:
    """The text of the file at a path, as typed; raises SourceError, which is a ValueError."""
    return read_source(file_path(text))
