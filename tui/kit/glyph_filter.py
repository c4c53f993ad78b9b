"""The filter that every line goes through last, before it goes to the terminal.

Text from outside is made safe where it comes in (`tui.kit.text`). This catches what came in another
way, and spells every glyph, Textual's own too, in characters that the terminal can show.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.kit.glyph_level import Level
from tui.kit.text import fit, safe

_PAIRS = (
    "─-━-╸-╺-╹|╻|╱/╲\\╌-┄-┈.╍-┉.═=│|┃|║|┊|╎|╏|▏|▕|▎|▌|▐|┆|"
    "┌+┐+└+┘+├+┤+┬+┴+┼+╭+╮+╰+╯+╷|╵|╶-╴-┏+┓+┗+┛+┠+┯+╋+╔+╗+╚+╝+╟+╤+"
    "▁_▔-▀\"▄_█#▇#▆=▅=▃-▂_░.▒:▓%▉#▊#▋#▍|▖.▗.▘'▝'▂_▃-"
    "▶>▸>►>›>»>→>↳>⟶>▷>◀<◂<‹<«<←<↩<▲^↑^⭡^▴^△^▼v↓v⭣v▾v▽v↗/↘\\↖\\↙/"
    "●*•*◆#◉@○o◦o∙.·.⋅.×x✕x✓v✗x⚠!☑x☐_■#□_▪*▫*∎#"
    "…~≈~∼~−-–-—-‑-±+≤<≥>≠!‘'’'“\"”\"′'"
    "∂dθtαaβbηnλlμuµuσsΣSΔD∇VŷyȳyÎIⅠI∞8∑S√V²2³3⁰0¹1⁴4⁵5⁶6⁷7⁸8⁹9₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9"
    "ᵀTᵢiⱼj∈e½5⏎<␤/�?"
)
_SQUARE = str.maketrans("╭╮╰╯╴╶╵╷▶▸►◀◆●◉┄┈╌╎…›", "┌┐└┘──││►►►◄♦•■─·-│~>")
"""For fonts that have block elements, but few other characters."""
_ASCII = {ord(a): b for a, b in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}


@lru_cache(4096)
def ascii_only(text: str) -> str:
    """The text in ASCII, in as many cells: known glyphs by their likeness, the rest as `?`."""
    if text.isascii():
        return text
    likened = text.translate(_ASCII)
    return "".join(
        character if character.isascii() else "?" * cell_len(character) for character in likened
    )


def harmless(text: str) -> str:
    """The text without a control character, in as many cells as the layout has kept for it."""
    if text.isprintable():
        return text
    return fit(safe(text), cell_len(text))


class GlyphFilter(LineFilter):
    """Lets no control character through, nor characters that the terminal's font may lack."""

    def __init__(self, level: Level) -> None:
        super().__init__()
        self._level = level

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with their text as the terminal can show it."""
        return [Segment(self._spelt(text), style, control) for text, style, control in segments]

    def _spelt(self, text: str) -> str:
        text = harmless(text)
        if self._level == "ascii":
            return ascii_only(text)
        return text.translate(_SQUARE) if self._level == "block" else text
