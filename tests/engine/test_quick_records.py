from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest

from engine.quick_records import quickly_made


@dataclass(frozen=True, slots=True, order=True)
class Plain:
    width: int
    height: float = 1.5
    names: list[str] = field(default_factory=list)
    mark: object = field(default=None, compare=False)

    def area(self) -> float:
        return self.width * self.height


@quickly_made
@dataclass(frozen=True, slots=True, order=True)
class Quick:
    width: int
    height: float = 1.5
    names: list[str] = field(default_factory=list)
    mark: object = field(default=None, compare=False)

    def area(self) -> float:
        return self.width * self.height


GIVEN: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((3,), {}),
    ((3, 2.0), {"mark": "x"}),
    ((), {"height": 2.5, "width": 4}),
    ((1, 2, ["a"], 4), {}),
]


@pytest.mark.parametrize(("values", "named"), GIVEN)
def test_it_is_made_as_the_dataclass_is(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    quick, plain = Quick(*values, **named), Plain(*values, **named)
    assert type(quick) is Quick
    assert repr(quick) == repr(plain).replace("Plain", "Quick")
    assert quick.area() == plain.area()
    assert [*inspect.signature(Quick).parameters] == [*inspect.signature(Plain).parameters]


def test_it_is_frozen_and_has_no_other_attributes() -> None:
    quick = Quick(3)
    with pytest.raises(FrozenInstanceError):
        quick.width = 4  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del quick.width
    assert not hasattr(quick, "__dict__")


def test_a_default_that_is_made_is_made_each_time() -> None:
    assert Quick(1).names == [] and Quick(1).names is not Quick(1).names


def test_records_are_compared_copied_and_replaced_as_before() -> None:
    quick = Quick(3, 2.0, ["a"], mark=1)
    assert quick == Quick(3, 2.0, ["a"], mark=2) and quick < Quick(4)
    assert replace(quick, width=5) == Quick(5, 2.0, ["a"])
    assert copy.deepcopy(quick) == quick and pickle.loads(pickle.dumps(quick)) == quick


@pytest.mark.parametrize(
    "values", [(), (1, 2, [], None, "one too many")], ids=["too few", "too many"]
)
def test_wrong_arguments_are_refused_as_before(values: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError) as plain:
        Plain(*values)
    with pytest.raises(TypeError) as quick:
        Quick(*values)
    assert str(quick.value) == str(plain.value).replace("Plain", "Quick")


@dataclass
class Open:
    width: int


@dataclass(frozen=True)
class WithoutSlots:
    width: int


@dataclass(frozen=True, slots=True)
class Derived(Plain):
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    width: int

    def __post_init__(self) -> None:
        assert self.width


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    width: int


@pytest.mark.parametrize("record", [Open, WithoutSlots, Derived, Checked, Named])
def test_what_it_cannot_be_done_with_is_refused(record: type[Any]) -> None:
    with pytest.raises(TypeError, match=f"{record.__name__} cannot be made quickly"):
        quickly_made(record)
