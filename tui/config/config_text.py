"""What holds now, written as a configuration file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tui.config.config_file import SETTINGS, Config

_TRUTHS = {"on": "true", "off": "false"}


def document(config: Config, decided: Mapping[str, str]) -> str:
    """What holds now, as a file that could be kept."""
    lines = [f"# {config.path}"]
    lines += [f'{s.key} = "{decided[s.key]}"  # {s.says}' for s in SETTINGS]
    lines += [
        "",
        "[training]",
        *(f"{key} = {_value(text)}" for key, text in config.training.items()),
    ]
    lines += ["", "[keymap]", *(f"{key} = {_quoted(text)}" for key, text in config.keymap.items())]
    return "\n".join(lines)


def _value(text: str) -> str:
    """A value of a training option: numbers and truth values are no text."""
    try:
        float(text)
    except ValueError:
        return _TRUTHS.get(text) or _quoted(text)
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
