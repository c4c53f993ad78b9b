"""Records as bytes and back, to be kept in a file that strangers hand around.

Not by pickle: nothing of a payload is executed, and only the record classes that are registered
are ever built, from values of the types that their fields are annotated with. A payload tells the
names of its classes and fields, so that a newer program reads an older file: fields that were
added since take their defaults.

A payload is a pool of values, each made of values before it: strings, numbers, tuples, records.
An object that is met twice is in the pool once, and one object again after reading; so are equal
ones, except for records that are compared by identity or begin with several floats. Tuples of
numbers of one type stand as arrays, of 32-bit floats where that loses nothing. See `codec_format`
for the bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from types import ModuleType

from engine.autograd import graph, values
from engine.recording import rank_records, records
from engine.recording.file.codec_decoder import Decoder
from engine.recording.file.codec_encoder import Encoder
from engine.recording.file.codec_format import CodecError
from engine.recording.file.record_types import RecordTypes

__all__ = ["Codec", "CodecError", "decode", "encode"]


class Codec:
    """Encodes and decodes the records of some modules; threads may share it."""

    def __init__(self, modules: Iterable[ModuleType], *, but: Collection[type] = ()) -> None:
        """Register every dataclass that the modules define `but` some.

        Raises TypeError where two have the same name, or one has fields that are not for its
        `__init__`.
        """
        self._types = RecordTypes(modules, but=but)

    def encode(self, value: object) -> bytes:
        """The bytes of a record, None, bool, number, string, or tuple of these.

        What is derived from a number, a string or a tuple is kept as that. Raises CodecError for
        anything else, and for tuples that are nested too deep.
        """
        return Encoder(self._types).encode(value)

    def decode(self, data: bytes) -> object:
        """The value that `encode` made these bytes of; raises CodecError, whatever they are.

        The memory it takes is in proportion to that of the bytes.
        """
        return Decoder(self._types, data).decode()


# A recording as a whole is what its file is.
_CODEC = Codec((values, graph, rank_records, records), but=(records.Recording,))


def encode(value: object) -> bytes:
    """The bytes of a record of a script, its graph or its values: see `Codec.encode`."""
    return _CODEC.encode(value)


def decode(data: bytes) -> object:
    """The value that `encode` made these bytes of: see `Codec.decode`."""
    return _CODEC.decode(data)
