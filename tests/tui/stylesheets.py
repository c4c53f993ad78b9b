"""Stylesheets are parsed once for all apps of a test run: some hundreds of apps have the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.tokenizer import Token

_parse = vars(stylesheet)["parse"]
_parsed: dict[Hashable, list[RuleSet]] = {}
_values: dict[int, tuple[object, int]] = {}
"""By the identity of a table of variables: the table, which so stays, and a hash of its values."""


def parse_once(
    scope: str,
    css: str,
    read_from: tuple[str, str],
    *,
    variable_tokens: Mapping[str, Sequence[Token]],
    **options: Any,
) -> list[RuleSet]:
    """Parse a stylesheet for the first app that has it, with variables of these values."""
    known = _values.get(id(variable_tokens))
    if known is None:
        held = tuple(
            (name, *(token.value for token in tokens)) for name, tokens in variable_tokens.items()
        )
        known = _values[id(variable_tokens)] = variable_tokens, hash(held)
    key = scope, css, read_from, known[1], *options.items()
    if key not in _parsed:
        found = _parse(scope, css, read_from, variable_tokens=variable_tokens, **options)
        _parsed[key] = list(found)
    return _parsed[key]


def share() -> None:
    """Let all apps of this process share what is parsed."""
    vars(stylesheet)["parse"] = parse_once
