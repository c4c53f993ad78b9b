from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.problem import Step
from engine.training.step_columns import Steps

NUMBERS = st.floats(allow_nan=False)


@st.composite
def records(draw: st.DrawFn) -> list[Step]:
    """Steps of one shape, with velocities, squares, both or neither."""
    features, momentum, squares = draw(st.integers(1, 3)), draw(st.booleans()), draw(st.booleans())
    w = st.tuples(*[NUMBERS] * features)
    none = st.none()
    row = st.builds(
        Step,
        st.integers(0, 10**9),
        *(NUMBERS, w, NUMBERS, w, NUMBERS),
        *((w, NUMBERS) if momentum else (none, none)),
        *((w, NUMBERS, st.integers(1, 10**9)) if squares else (none, none, none)),
    )
    return draw(st.lists(row, max_size=8))


@given(records(), st.data())
def test_steps_are_the_records_that_they_were_made_of(
    taken: list[Step], data: st.DataObject
) -> None:
    steps = Steps(taken)
    assert list(steps) == taken
    assert len(steps) == len(taken)
    part = data.draw(st.slices(len(taken)))
    assert list(steps[part]) == taken[part]
    wanted = [data.draw(st.booleans()) for _ in taken]
    assert list(steps.where(wanted)) == [s for s, is_so in zip(taken, wanted, strict=True) if is_so]
    cut = data.draw(st.integers(0, len(taken)))
    assert steps[:cut] + steps[cut:] == steps
    for place in range(-len(taken), len(taken)):
        assert steps[place] == taken[place]


def test_numpy_reads_a_column_where_it_lies() -> None:
    steps = Steps(Step(i, i / 2, (1.0, 2.0 + i), 3.0, (4.0, 5.0), 6.0) for i in range(3))
    assert np.asarray(steps.losses).tolist() == [0.0, 0.5, 1.0]
    assert np.shares_memory(np.asarray(steps.losses), np.asarray(steps.losses))
    assert [column.tolist() for column in steps.w] == [[1.0] * 3, [2.0, 3.0, 4.0]]
    assert [column[0] for column in (steps.b, *steps.w_grad, steps.b_grad)] == [3.0, 4.0, 5.0, 6.0]
    assert steps.iterations.tolist() == [0, 1, 2]


def test_steps_joined_have_velocities_only_if_all_have_them() -> None:
    plain = Step(0, 1.0, (1.0,), 2.0, (3.0,), 4.0)
    swift = Step(1, 1.0, (1.0,), 2.0, (3.0,), 4.0, (5.0,), 6.0)
    assert list(Steps([swift]) + Steps([swift])) == [swift, swift]
    for one, other in ((plain, swift), (swift, plain)):
        assert [step.b_velocity for step in Steps([one]) + Steps([other])] == [None, None]
    squared = plain._replace(w_square=(7.0,), b_square=8.0, updates=9)
    for kept in (plain, swift):
        assert list(Steps([squared]) + Steps([kept])) == [
            plain,
            plain._replace(iteration=kept.iteration),
        ]


@pytest.mark.parametrize(
    "other",
    [
        Step(1, 1.0, (1.0, 2.0), 2.0, (3.0, 4.0), 4.0),
        Step(1, 1.0, (1.0,), 2.0, (3.0, 4.0), 4.0),
        Step(1, 1.0, (1.0,), 2.0, (3.0,), 4.0, (5.0,), 6.0),
        Step(1, 1.0, (1.0,), 2.0, (3.0,), 4.0, None, 6.0),
    ],
)
def test_steps_of_several_shapes_are_refused(other: Step) -> None:
    with pytest.raises(ValueError, match="as many gradients as w"):
        Steps([Step(0, 1.0, (1.0,), 2.0, (3.0,), 4.0), other])
