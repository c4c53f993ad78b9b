from __future__ import annotations

import pytest

from engine.training.problem import State
from engine.training.theory import Theory
from tui.chart.figures.plane import plane


@pytest.mark.parametrize("curvature", [0.0, 1e-320, 5e-324, float("inf"), float("nan")])
def test_there_is_no_plane_where_the_loss_has_no_curvature_to_compute_with(
    curvature: float,
) -> None:
    theory = Theory((0.0,), 0.0, 0.0, ((0.0, 0.0), (0.0, curvature)), (0.0, 0.0), ((), ()))
    assert plane(theory, State(0, (0.0,), 0.0)) is None


def test_the_axes_of_a_contour_are_those_of_its_ellipse() -> None:
    theory = Theory((1.0,), 2.0, 0.0, ((8.0, 0.0), (0.0, 2.0)), (2.0, 8.0), ((), ()))
    surface = plane(theory, State(0, (0.0,), 0.0))
    assert surface is not None
    assert surface.radii(4.0) == (1.0, 2.0)
    assert surface.excess(2.0, 2.0) == 4.0
