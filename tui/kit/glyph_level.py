"""How rich the characters are that a terminal can show."""

from __future__ import annotations

from typing import Literal

Level = Literal["braille", "block", "ascii"]
