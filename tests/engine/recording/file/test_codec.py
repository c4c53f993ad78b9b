from __future__ import annotations

import enum
import gc
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from types import ModuleType
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.autograd import graph, values
from engine.autograd.graph import Backward, Edge, Graph, Node, NodeGradient
from engine.autograd.values import TensorView, Value
from engine.recording import records
from engine.recording.file.codec import Codec, CodecError, decode, encode
from engine.recording.file.codec_format import TUPLES_LIMIT
from engine.recording.file.record_types import RecordTypes
from engine.recording.records import Moment
from tests.engine.recording.examples import ANYTHING, BACKWARDS, MOMENTS, VALUES

VALUE = Value((2,), "float32", (0.5, math.nan), (2,))


def exact(value: object) -> Any:
    """The value with its types spelled out and floats by their bits, to be compared."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), [exact(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, tuple):
        return tuple, [exact(item) for item in value]
    if isinstance(value, complex):
        return complex, struct.pack("dd", value.real, value.imag)
    if isinstance(value, float):
        return float, struct.pack("d", value)
    return type(value), value


def module(**kinds: Any) -> ModuleType:
    made = ModuleType("made")
    for name, annotated in kinds.items():
        kind: Any = make_dataclass(name, annotated, frozen=True)
        kind.__module__ = "made"
        setattr(made, name, kind)
    return made


def codecs(old: list[Any], new: list[Any]) -> tuple[Codec, ModuleType, Codec, ModuleType]:
    first, second = module(Record=old), module(Record=new)
    return Codec([first]), first, Codec([second]), second


@given(ANYTHING)
@example(-0.0)
@example((0.0, -0.0, 1, True, 1.0))
@example(((True,), (1,), (1.0,), (1 + 0j,)))
@example(((), ((),), (None,)))
@example(2**4000)
@example(True)
@example(None)
def test_what_is_encoded_comes_back_exactly(value: object) -> None:
    assert exact(decode(encode(value))) == exact(value)


def test_an_object_met_twice_is_one_object_again() -> None:
    shared = Graph((Node(0, "AccumulateGrad", value=VALUE),), ())
    gradient = NodeGradient(0, (VALUE,), ())
    written = (Backward(shared, (gradient,)), Backward(shared, ()), Graph(shared.nodes, ()))
    again: Any = decode(encode(written))
    one, two, other = again
    assert one.graph is two.graph
    assert other is not one.graph
    assert one.gradients[0].incoming[0] is one.graph.nodes[0].value is other.nodes[0].value


def test_equal_values_are_kept_once() -> None:
    data = encode(tuple(Value((2,), "float32", (0.5, 0.25), (2,)) for _ in range(1000)))
    again: Any = decode(data)
    first, *others = again
    assert len(data) < 3000
    assert all(other is first for other in others)


def test_what_was_encoded_or_decoded_is_let_go_at_once() -> None:
    gc.collect(0)
    decode(encode((Value((1,), "float32", (0.5,), (1,)), "text", (None, 2))))
    assert gc.collect(0) == 0  # or a recording's script is searched for garbage again and again


def test_what_a_graph_worked_out_is_not_kept() -> None:
    used = Graph((Node(0, "A"), Node(1, "B")), (Edge(0, 0, 1),))
    before = encode(used)
    assert used.into[0] == used.edges
    assert encode(used) == before
    again = decode(before)
    assert isinstance(again, Graph)
    assert "into" not in vars(again)


def test_numbers_and_strings_of_other_types_are_kept_as_plain_ones() -> None:
    class Word(str):
        def __str__(self) -> str:
            raise AssertionError

    class Size(tuple[int, ...]):
        pass

    class Half(float):
        pass

    kinds = enum.IntEnum("kinds", ["ONE"])
    value = (Word("word"), Size((1, 2)), Half(0.5), kinds.ONE)
    assert exact(decode(encode(value))) == exact(("word", (1, 2), 0.5, 1))


@pytest.mark.parametrize("value", [[1], {1: 2}, b"bytes", object(), (1, [2]), int, Edge])
def test_other_types_cannot_be_encoded(value: object) -> None:
    with pytest.raises(CodecError, match="cannot be kept in a recording"):
        encode(value)


def test_tuples_nested_too_deep() -> None:
    value: tuple[object, ...] = ("inner",)
    for _ in range(TUPLES_LIMIT - 1):
        value = (value, "outer")
    assert decode(encode(value)) == value
    with pytest.raises(CodecError, match="nested"):
        encode((value, "outer"))


def test_fields_added_since_take_their_defaults_in_any_order() -> None:
    old, before, new, after = codecs(
        [("a", int), ("b", str)], [("b", str), ("a", int), ("c", float, 0.5)]
    )
    assert new.decode(old.encode(before.Record(1, "x"))) == after.Record("x", 1, 0.5)
    with pytest.raises(CodecError, match="Record records with the unknown field 'c'"):
        old.decode(new.encode(after.Record("x", 1)))


def test_fields_without_default_and_unknown_classes() -> None:
    old, before, new, _ = codecs([("a", int)], [("a", int), ("b", int)])
    data = old.encode(before.Record(1))
    with pytest.raises(CodecError, match="Record without 'b'"):
        new.decode(data)
    with pytest.raises(CodecError, match="unknown kind 'Record'"):
        decode(data)


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (int, [1, True], [1.0, "1", None, (1,)]),
        (float, [1.5, 1, True], ["1", 1j]),
        (str | None, ["", None], [1, ()]),
        (tuple[int, ...], [(), (1,), (1,) * 9, (True, 2)], [(1.0,), (1,) * 9 + ("1",), 1, ((1,),)]),
        (tuple[int, str], [(1, "a")], [("a", 1), (1,), (1, "a", 1), (1,) * 9]),
        (tuple[float], [(0.5,)], [(0.5,) * 9, ()]),
        (tuple[tuple[int, ...] | None, ...], [((1, 2), None)], [((1, "a"),), (1,)]),
        (Literal["end", "exit"], ["end"], ["other", 1]),
        (values.Plain, [(1, ("a", (None, 1j)))], [VALUE, (1, (VALUE,))]),
        (Value | None, [VALUE, None], [Edge(0, 0, 1)]),
    ],
)
def test_a_field_has_the_type_of_its_annotation(
    annotation: Any, good: list[object], bad: list[object]
) -> None:
    made = module(Record=[("a", int), ("field", annotation)])
    codec = Codec([values, graph, made])
    for value in good:
        again = codec.decode(codec.encode(made.Record(1, value)))
        assert exact(again) == exact(made.Record(1, value))
    for value in bad:
        with pytest.raises(CodecError, match=r"Record.*\b(another type|unknown word)$"):
            codec.decode(codec.encode(made.Record(1, value)))


def test_the_types_of_every_record_are_understood() -> None:
    types = RecordTypes((values, graph, records), but=(records.Recording,))
    for kind, (names, _, _) in types.fields.items():
        plan = types.plan(types.known(), " ".join((kind.__name__, *names)))
        assert len(plan.hints) == len(names)
        assert {types.known().fits(hint, 0) for hint in plan.hints} <= {True, False}
    assert {Moment, Backward, Graph, Node, Value} <= set(types.fields)


def test_classes_that_cannot_be_registered() -> None:
    @dataclass
    class Record:
        a: int

    Record.__module__ = "made"
    other = ModuleType("made")
    other.Record = Record  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="two record classes have the name Record"):
        Codec([module(Record=[]), other])


def hostile(value: object) -> Iterator[bytes]:
    data = encode(value)
    for place in range(len(data)):
        for change in (1, 0x80, 0xFF):
            yield data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
        yield data[:place]


def decodes_or_says_why(data: bytes) -> None:
    try:
        decode(data)
    except CodecError as error:
        assert len(str(error).splitlines()) == 1


def test_every_change_of_a_byte_is_survived() -> None:
    view = TensorView("w", VALUE, "cpu", True, True, None, None, 0, 1)
    moment = Moment(3, 0, "f", "out", (view,), ("w",), None, None)
    for data in hostile((moment, (1, (2.5, 1j)), 10**30)):
        decodes_or_says_why(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    decodes_or_says_why(data)
    decodes_or_says_why(b"\x01" + data)


@given(BACKWARDS | MOMENTS | VALUES, st.data())
def test_changed_payloads_are_survived(value: object, data: st.DataObject) -> None:
    changed = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place] = data.draw(st.integers(0, 255))
    decodes_or_says_why(bytes(changed))


def test_a_tuple_that_would_unfold_without_end_is_refused() -> None:
    value: tuple[object, ...] = ("inner",)
    for _ in range(TUPLES_LIMIT - 1):
        value = (value,) * 10
    with pytest.raises(CodecError, match="items"):
        decode(encode(value))
