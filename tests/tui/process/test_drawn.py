from __future__ import annotations

import gc
import weakref

from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.strip import Strip

from tui.process.drawn import let_go_of_what_was_drawn


def drawn() -> None:
    """As Textual draws a line: cut where another widget begins, here nowhere."""
    line = Strip([Segment("abc")]).crop_extend(0, 3, None)
    (whole,) = line.divide([3])
    assert whole.text == "abc"


def there() -> int:
    return sum(type(thing) is Strip for thing in gc.get_objects())


def test_a_strip_that_was_drawn_is_gone_without_a_search_for_garbage() -> None:
    let_go_of_what_was_drawn()
    gc.disable()
    try:
        before = there()
        drawn()
        assert there() == before
    finally:
        gc.enable()


def test_the_lines_of_a_widget_go_with_it() -> None:
    let_go_of_what_was_drawn()
    lines, (black, half_white) = StylesCache(), (Color(0, 0, 0), Color(255, 255, 255, 0.5))
    inner, outer = lines.get_inner_outer(black, half_white)
    assert (inner.background, outer.background) == (black + half_white, black)
    there = weakref.ref(lines)
    del lines
    assert there() is None


def test_strips_are_cut_and_extended_as_before() -> None:
    let_go_of_what_was_drawn()
    strip = Strip([Segment("ab"), Segment("c")])
    assert [part.text for part in strip.divide([1, 3])] == ["a", "bc"]
    assert [part.text for part in strip.divide([2])] == ["ab"]
    assert [part.text for part in strip.divide(iter([3, 4]))] == ["abc"]
    assert strip.crop_extend(-1, 3, None).text == "abc"
    assert strip.crop_extend(1, 5, None).text == "bc  "
