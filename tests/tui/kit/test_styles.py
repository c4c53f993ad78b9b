from __future__ import annotations

import pytest
from rich.color import Color
from rich.style import Style
from textual.theme import Theme

from tui.config.theme import THEMES, tokens
from tui.kit.styles import FEW, INK, style

TOKENS = {"leaf": "#00ff00", "operation": "#0000ff", "block-cursor-background": "#333333"}


def test_roles_are_laid_over_each_other() -> None:
    assert style("leaf title", TOKENS) == Style(color="#00ff00", bold=True)
    assert style("op chosen", TOKENS) == Style(color="#0000ff", bgcolor="#333333")
    assert style("op current", TOKENS) == Style(color="#0000ff", bold=True, reverse=True)


def test_what_is_no_role_has_no_look() -> None:
    assert style("", TOKENS) == Style.null()
    assert style("nonsense", TOKENS) == Style.null()


def test_without_colours_what_is_chosen_is_told_by_weight() -> None:
    assert style("op chosen", TOKENS, few_colours=True).bold


def test_without_colours_what_was_found_is_told_by_a_line() -> None:
    for theme in THEMES:
        assert style("op title hit", tokens(theme), few_colours=True).underline


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("role", sorted(INK | FEW))
def test_every_role_has_its_colours_in_every_theme(theme: Theme, role: str) -> None:
    for few in (False, True):
        found = style(role, tokens(theme), few_colours=few)
        assert found != Style.null()
        assert all(isinstance(c, Color) for c in (found.color, found.bgcolor) if c)
