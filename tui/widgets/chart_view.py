"""A chart on the screen: a `Picture` whose roles may have a background of their own."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style

from tui.charts.roles import LEVELS, Role, level, split
from tui.widgets.picture_view import PictureView

CHART_ROLES = {*(role.value for role in Role), *(level(i) for i in range(LEVELS))}


class ChartView(PictureView):
    """Gives the roles of a chart their colours."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{role}" for role in CHART_ROLES}

    DEFAULT_CSS = """
    ChartView {
        .chart--point, .chart--residual { color: $point; }
        .chart--line { color: $line; text-style: bold; }
        .chart--truth, .chart--ghost, .chart--grid { color: $faint; }
        .chart--loss { color: $gradient; }
        .chart--predicted { color: $secondary; }
        .chart--w { color: $operation; }
        .chart--w2 { color: $secondary; }
        .chart--w3 { color: $warning; }
        .chart--b { color: $leaf; }
        .chart--optimum { color: $leaf; text-style: bold; }
        .chart--path { color: $gradient; }
        .chart--start { color: $foreground; }
        .chart--current { color: $foreground; text-style: bold; }
        .chart--gradient, .chart--stop { color: $error; }
        .chart--cursor { color: $warning; text-style: bold; }
        .chart--title { color: $foreground; text-style: bold; }
        .chart--label, .chart--axis { color: $muted; }
        .chart--level0 { background: $level0; }
        .chart--level1 { background: $level1; }
        .chart--level2 { background: $level2; }
        .chart--level3 { background: $level3; }
        .chart--level4 { background: $level4; }
        .chart--level5 { background: $level5; }
        .chart--level6 { background: $level6; }
        .chart--level7 { background: $level7; }
    }
    """

    def _style(self, role: str) -> Style:
        style = self._styles_of_roles.get(role)
        if style is None:
            front, back = (self._component(name) for name in split(role))
            # A level in front of another is half a cell of it, drawn as a character.
            colour = front.color or front.bgcolor
            style = Style(color=colour, bgcolor=back.bgcolor, bold=front.bold)
            self._styles_of_roles[role] = style
        return style

    def _component(self, role: str) -> Style:
        if role not in CHART_ROLES:
            return Style.null()
        return self.get_component_rich_style(f"chart--{role}", partial=True)
