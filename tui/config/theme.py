"""One dark and one light theme. Meaning has its own tokens: leaf, operation, gradient."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="linreg-dark",
    primary="#7aa2f7",
    secondary="#b4a0f0",
    accent="#ff9e64",
    success="#8fd46a",
    warning="#e0c068",
    error="#ff6b81",
    foreground="#d5daea",
    background="#12141c",
    surface="#171a24",
    panel="#222738",
    dark=True,
    variables={
        "leaf": "#8fd46a",
        "operation": "#7aa2f7",
        "root": "#d0b3ff",
        "reduction": "#56c8c8",
        "gradient": "#ff9e64",
        "muted": "#9aa3bd",
        "faint": "#6d7590",
        "point": "#ff6b6b",
        "line": "#5aa9ff",
        "level0": "#2f6f6b",
        "level1": "#2a5f80",
        "level2": "#304c80",
        "level3": "#382e7c",
        "level4": "#47295e",
        "level5": "#2e1f45",
        "level6": "#262029",
        "level7": "#17161a",
        "footer-key-foreground": "#ff9e64",
        "block-cursor-background": "#33405f",
        "block-cursor-foreground": "#ffffff",
    },
)

LIGHT = Theme(
    name="linreg-light",
    primary="#2f5fd0",
    secondary="#6a4fc4",
    accent="#b85200",
    success="#2f7d1f",
    warning="#8a6400",
    error="#c4203a",
    foreground="#1d2333",
    background="#fbfbfd",
    surface="#f3f4f8",
    panel="#e2e5ee",
    dark=False,
    variables={
        "leaf": "#2f7d1f",
        "operation": "#2f5fd0",
        "root": "#6a4fc4",
        "reduction": "#0b7285",
        "gradient": "#b85200",
        "muted": "#4b5268",
        "faint": "#7c8398",
        "point": "#d02020",
        "line": "#1f5fd0",
        "level0": "#8fd6c8",
        "level1": "#95cff0",
        "level2": "#a8c6f5",
        "level3": "#bcc0f7",
        "level4": "#cdbef5",
        "level5": "#d8cdf3",
        "level6": "#ecdcf0",
        "level7": "#f9f6f8",
        "footer-key-foreground": "#b85200",
        "block-cursor-background": "#c9d5f5",
        "block-cursor-foreground": "#10141f",
    },
)

THEMES = (DARK, LIGHT)


def tokens(theme: Theme) -> dict[str, str]:
    """A theme's colours by name, for what is drawn without an app."""
    return {**theme.to_color_system().generate(), **theme.variables}
