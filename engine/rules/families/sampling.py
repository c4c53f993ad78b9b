"""Rules of pooling, padding, windows, pixel shuffling and interpolation.

What only moves or repeats elements is said again with their positions, as in `indexing`; what
weighs them has its rule in words, and its numbers from torch.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812

from engine.rules.anew.recomputed import worded_anew
from engine.rules.context import Context, Rule, Rules
from engine.rules.families.indexing import TWICE, put_back
from engine.rules.term import Term, lift
from engine.rules.text import ATOM

Positions = torch.Tensor
WINDOWS = ("kernel_size", "dilation", "padding", "stride")
"""The settings of `unfold` and `fold`."""


def moved(template: str, again: Callable[[Context, Positions], Positions], note: str = "") -> Rule:
    """The rule of an operation that `again` does with the positions; it may leave some out as 0."""

    def rule(n: Context) -> Term:
        return put_back(n, n.g, template, lambda p: again(n, p), note=note)

    return rule


def _padded(mode: str) -> Rule:
    def pad(n: Context, positions: Positions) -> Positions:
        return F.pad(positions.double(), n.integers("padding"), mode=mode).long()

    return moved("sum of {} over the copies", pad, TWICE)


def _windows(n: Context, positions: Positions) -> Positions:
    """`unfold` of images; padding has position 0, which is nowhere."""
    settings = {name: n.integers(name) for name in WINDOWS}
    return F.unfold(positions.double(), **settings).long()


def _column_windows(n: Context) -> Term:
    settings = {name: n.integers(name) for name in WINDOWS}
    return n.g.worded("windows of {}", lambda a: F.unfold(a, **settings))


def _windowed(n: Context) -> Term:
    dim, size, step = n.integer("dim"), n.integer("size"), n.integer("step")
    return n.g.worded("windows of {}", lambda a: a.unfold(dim, size, step))


def _pooled(rank: int) -> Rule:
    def rule(n: Context) -> Term:
        def pick(positions: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
            return positions.flatten(-rank).gather(-1, chosen.long().flatten(-rank))

        return put_back(n, n.g, "{} at {} of each plane", pick, n.result1, note=TWICE)

    return rule


def _unpooled(rank: int) -> Rule:
    def rule(n: Context) -> Term:
        def pick(a: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
            return a.flatten(-rank).gather(-1, chosen.long().flatten(-rank)).reshape(n.shape)

        return n.g.worded("{}[{}] of each plane", pick, n.indices, within=ATOM)

    return rule


WINDOW = "divisor: what the sum of a window was divided by; where windows overlap they add up"
AVERAGED = worded_anew("{} / divisor, to every element of its window", WINDOW)
NEAREST = worded_anew("sum of {} over the copies")
INTERPOLATED = worded_anew("{} spread back by the weights of the interpolation")

RULES: Rules = {
    "MaxPool2DWithIndicesBackward0": _pooled(2),
    "MaxPool3DWithIndicesBackward0": _pooled(3),
    "AdaptiveMaxPool2DBackward0": _pooled(2),
    "AdaptiveMaxPool3DBackward0": _pooled(3),
    "FractionalMaxPool2DBackward0": _pooled(2),
    "FractionalMaxPool3DBackward0": _pooled(3),
    "MaxPool2DWithIndicesBackwardBackward0": (_unpooled(2), lambda n: lift(0)),
    "MaxPool3DWithIndicesBackwardBackward0": (_unpooled(3), lambda n: lift(0)),
    "Col2ImBackward0": _column_windows,
    "FractionalMaxPool2DBackwardBackward0": (_unpooled(2), lambda n: lift(0)),
    "FractionalMaxPool3DBackwardBackward0": (_unpooled(3), lambda n: lift(0)),
    "UnfoldBackwardBackward0": _windowed,
    "MaxUnpool2DBackward0": _unpooled(2),
    "MaxUnpool3DBackward0": _unpooled(3),
    "AvgPool2DBackward0": AVERAGED,
    "AvgPool3DBackward0": AVERAGED,
    "AdaptiveAvgPool2DBackward0": AVERAGED,
    "AdaptiveAvgPool3DBackward0": AVERAGED,
    **{
        f"{mode}Pad{rank}DBackward0": _padded(name)
        for mode, name in (("Reflection", "reflect"), ("Replication", "replicate"))
        for rank in (1, 2, 3)
    },
    "Im2ColBackward0": moved("{} at its windows", _windows, TWICE),
    "PixelShuffleBackward0": moved(
        "{} unshuffled", lambda n, p: F.pixel_shuffle(p, n.integer("upscale_factor"))
    ),
    "PixelUnshuffleBackward0": moved(
        "{} shuffled", lambda n, p: F.pixel_unshuffle(p, n.integer("downscale_factor"))
    ),
    "ChannelShuffleBackward0": moved(
        "{} shuffled back", lambda n, p: F.channel_shuffle(p.double(), n.integer("groups")).long()
    ),
    **{
        f"Upsample{kind}{rank}DBackward0": NEAREST
        for kind in ("Nearest", "NearestExact")
        for rank in (1, 2, 3)
    },
    "UpsampleLinear1DBackward0": INTERPOLATED,
    "UpsampleBilinear2DBackward0": INTERPOLATED,
    "UpsampleBilinear2DAaBackward0": INTERPOLATED,
    "UpsampleBicubic2DBackward0": INTERPOLATED,
    "UpsampleBicubic2DAaBackward0": INTERPOLATED,
    "UpsampleTrilinear3DBackward0": INTERPOLATED,
    "GridSampler2DBackward0": (INTERPOLATED,),
    "GridSampler3DBackward0": (INTERPOLATED,),
}
