"""From rows, one for each pass, to columns: value, gradient and update of every leaf."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from itertools import chain, groupby, pairwise

import torch

from engine.script.passes.followed_leaf import SAMPLE, Leaf
from engine.script.passes.narrow_numbers import narrow

Row = torch.Tensor | list[float]
"""The numbers of all leaves after a pass; a matrix has those of several."""


def columns_of(leaves: Sequence[Leaf], numbers: Sequence[int], rows: Sequence[Row]) -> array[float]:
    """Value, gradient and update of every leaf, for all rows but the last.

    The last row tells what the one before it led to. `numbers` are those of the passes; an
    update is known where the next pass follows at once.
    """
    if len(numbers) < 2 or not leaves:
        return array("f")
    table = _table(rows, leaves[-1].start + leaves[-1].width)
    if all(leaf.size == 1 for leaf in leaves):
        value, gradient = table[:, ::2], table[:, 1::2]
        columns = [value[:-1], gradient[:-1], value[1:] - value[:-1]]
        block = torch.stack(columns, dim=2).flatten(1)
    else:
        parts = (table[:, leaf.start : leaf.start + leaf.width] for leaf in leaves)
        columns = [*chain.from_iterable(map(_leaf_columns, leaves, parts))]
        block = torch.stack(columns, dim=1)
    if numbers[-1] - numbers[0] >= len(numbers):
        following = torch.tensor([after == before + 1 for before, after in pairwise(numbers)])
        block[~following, 2::3] = math.nan
    return narrow(block)


def _table(rows: Sequence[Row], width: int) -> torch.Tensor:
    """The rows one below the other, on the CPU in float64; short ones filled up with nan.

    Those that follow each other and are alike are read from their device at once.
    """
    blocks = [_block([*group]) for _, group in groupby(rows, _like)]
    if all(block.shape[1] == width for block in blocks):
        return blocks[0] if len(blocks) == 1 else torch.cat(blocks)
    table = torch.full((sum(map(len, blocks)), width), math.nan, dtype=torch.float64)
    done = 0
    for block in blocks:
        table[done : done + len(block), : block.shape[1]] = block
        done += len(block)
    return table


def _leaf_columns(leaf: Leaf, part: torch.Tensor) -> list[torch.Tensor]:
    """Value, gradient and update of one leaf, for all rows but the last."""
    if leaf.small:
        value, gradient = part[:, : leaf.size], part[:, leaf.size :]
        change = value[1:] - value[:-1]
        if leaf.size == 1:
            return [value[:-1, 0], gradient[:-1, 0], change[:, 0]]
        return [torch.linalg.vector_norm(one, dim=1) for one in (value[:-1], gradient[:-1], change)]
    sample = part[:, 2 : 2 + min(leaf.size, SAMPLE)]
    scale = math.sqrt(leaf.size / sample.shape[1])
    change = torch.linalg.vector_norm(sample[1:] - sample[:-1], dim=1) * scale
    return [part[:-1, 0], part[:-1, 1], change]


def _like(row: Row) -> object:
    if isinstance(row, list):
        return len(row)
    return (row.shape, row.dtype, row.device) if row.dim() == 1 else id(row)


def _block(rows: Sequence[Row]) -> torch.Tensor:
    """Rows that are alike, one below the other, on the CPU in float64."""
    tensors = [row for row in rows if isinstance(row, torch.Tensor)]
    if tensors:
        table = tensors[0] if tensors[0].dim() > 1 else torch.stack(tensors)
        return table.to("cpu", torch.float64)
    flat = array("d", chain.from_iterable(rows))
    if not flat:
        return torch.empty(len(rows), 0)
    return torch.frombuffer(flat, dtype=torch.float64).reshape(len(rows), -1)
