"""What a terminal may send, or something that is none: nothing of it ends the reading of keys."""

from __future__ import annotations

import random
import time

import pytest
from textual import events
from textual.message import Message

from tests.garbage import malformed
from tui.process.input_parser import BURST, PAUSE, SILENCE, InputParser

REFUSED = {
    "an event type": "\x1b[97;1:3u",
    "no character": "\x1b[1114112u",
    "18 digits": "\x1b[" + "9" * 18 + "u",
}
UNKNOWN = {
    "a size without pixels": "\x1b[48;24;80t",
    "a report nobody asked for": "\x1b[?64;1;2c",
    "a size of 0": "\x1b[48;0;0;0;0t",
    "a size beyond all screens": "\x1b[48;24;" + "9" * 18 + ";1;1t",
    "a mouse that is nowhere": "\x1b[<0;0;-7M",
}


class Reader:
    """A parser and what it has refused."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, str]] = []
        self._parser = InputParser(lambda error, seen: self.refused.append((str(error), seen)))

    def read(self, text: str) -> list[Message]:
        return list(self._parser.feed(text))

    def wait(self) -> list[Message]:
        time.sleep(PAUSE)
        return list(self._parser.tick())


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_parsed_is_dropped_as_a_whole(kind: str) -> None:
    reader = Reader()
    assert keys(reader.read(f"a{REFUSED[kind]}b")) == ["a", "b"]
    assert [sequence for _, sequence in reader.refused] == [REFUSED[kind]]


@pytest.mark.parametrize("kind", UNKNOWN)
def test_a_report_of_nothing_is_no_key(kind: str) -> None:
    reader = Reader()
    assert [type(message) for message in reader.read(f"{UNKNOWN[kind]}\x1b[5~")] == [events.Key]
    assert reader.refused == []


@pytest.mark.parametrize("pixels", ["0;0", "480;0", "999999999999;1"])
def test_where_a_size_has_no_pixels_the_mouse_is_in_cells(pixels: str) -> None:
    size, click = Reader().read(f"\x1b[48;24;80;{pixels}t\x1b[<0;10;5M")
    assert isinstance(size, events.Resize)
    assert size.size == (80, 24)
    assert isinstance(click, events.MouseDown)
    assert (click.x, click.y) == (9, 4)


def test_with_pixels_it_is_in_pixels() -> None:
    _, click = Reader().read("\x1b[48;24;80;480;800t\x1b[<0;101;41M")
    assert isinstance(click, events.MouseDown)
    assert (click.x, click.y) == (10, 2)


def test_a_paste_without_brackets_is_one_all_the_same() -> None:
    reader = Reader()
    assert reader.read("x" * BURST) == []
    assert reader.read("\ry\tz\r") == []
    (paste,) = reader.wait()
    assert isinstance(paste, events.Paste)
    assert paste.text == "x" * BURST + "\ny\tz\n"
    assert keys(reader.read("nn")) == ["n", "n"]


def test_a_paste_in_brackets_stays_one_whatever_is_in_it() -> None:
    reader = Reader()
    assert reader.read("\x1b[200~" + "x" * BURST) == []
    assert reader.read("y" * BURST) == []
    (paste,) = reader.read("\x1b[201~")
    assert isinstance(paste, events.Paste)
    assert paste.text == "x" * BURST + "y" * BURST


ANSWERS = {
    "a colour": "\x1b]11;rgb:0000/1111/ffff\x1b\\",
    "a colour, ended by a bell": "\x1b]11;rgb:0000/1111/ffff\x07",
    "a clipboard": "\x1b]52;c;cXJz\x07",
    "a version": "\x1bP>|XTerm(390)\x1b\\",
    "a capability": "\x1bP1+r544e=78\x1b\\",
    "a picture": "\x1b_Gi=31;OK\x1b\\",
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_to_a_program_before_is_not_typed(kind: str) -> None:
    answer, reader = ANSWERS[kind], Reader()
    assert keys(reader.read(f"n{answer}s")) == ["n", "s"]
    half = len(answer) // 2
    assert keys(reader.read(answer[:half])) == []
    assert keys(reader.read(answer[half:] + "s")) == ["s"]


def test_one_that_is_cut_off_takes_no_key_with_it() -> None:
    reader = Reader()
    assert keys(reader.read("\x1b]11;rgb:00")) == []
    reader.wait()
    assert keys(reader.read("r")) == ["r"]


def test_alt_and_a_bracket_are_typed() -> None:
    reader = Reader()
    assert keys([*reader.read("\x1b]"), *reader.wait()]) == ["right_square_bracket"]


@pytest.mark.parametrize(("cancels", "key"), [("\x1b", "escape"), ("\x1b[99;5u", "ctrl+c")])
def test_a_paste_that_is_cut_off_ends_by_a_key_that_cancels(cancels: str, key: str) -> None:
    reader = Reader()
    assert reader.read("\x1b[200~abc") == []
    assert reader.read("\x1b") == [], "it may be part of what is pasted"
    reader.wait()
    time.sleep(SILENCE)
    paste, *others = [*reader.read(cancels), *reader.wait()]
    assert isinstance(paste, events.Paste)
    assert keys(others) == [key]


def test_no_bytes_end_the_reading_of_keys() -> None:
    chance, reader = random.Random(0), Reader()
    for _ in range(1_500):
        reader.read(malformed(chance))
    reader.read("\x1b[201~")
    assert keys(reader.read("\x1b[A")) == ["up"]
    assert len({error for error, _ in reader.refused}) > 1
