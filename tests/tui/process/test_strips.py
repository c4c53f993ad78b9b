from __future__ import annotations

import gc

from rich.segment import Segment
from textual.strip import Strip

from tui.process.strips import keep_strips_out_of_themselves


def drawn() -> None:
    """As Textual draws a line: cut where another widget begins, here nowhere."""
    line = Strip([Segment("abc")]).crop_extend(0, 3, None)
    (whole,) = line.divide([3])
    assert whole.text == "abc"


def there() -> int:
    return sum(type(thing) is Strip for thing in gc.get_objects())


def test_a_strip_that_was_drawn_is_gone_without_a_search_for_garbage() -> None:
    keep_strips_out_of_themselves()
    gc.disable()
    try:
        before = there()
        drawn()
        assert there() == before
    finally:
        gc.enable()


def test_strips_are_cut_and_extended_as_before() -> None:
    keep_strips_out_of_themselves()
    strip = Strip([Segment("ab"), Segment("c")])
    assert [part.text for part in strip.divide([1, 3])] == ["a", "bc"]
    assert [part.text for part in strip.divide([2])] == ["ab"]
    assert [part.text for part in strip.divide(iter([3, 4]))] == ["abc"]
    assert strip.crop_extend(-1, 3, None).text == "abc"
    assert strip.crop_extend(1, 5, None).text == "bc  "
