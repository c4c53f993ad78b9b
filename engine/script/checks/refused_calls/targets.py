"""Why a loss or a table refuses what it is to be compared with or to look up: by its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import prod

import torch

from engine.autograd.quiet import dtype
from engine.autograd.tensor_reader import dtype_name, quiet_value_of, shape_of
from engine.autograd.values import number_text, shape_text
from engine.plurals import counted
from engine.script.checks.refused_calls.refusals import UNNAMED, Operand, Refusal

_CLASSES = frozenset({"cross_entropy", "nll_loss", "cross_entropy_loss"})
_PROBABILITIES = frozenset({"binary_cross_entropy"})
_TABLES = frozenset({"embedding", "embedding_bag"})
_SIZES = re.compile(r"[Tt]arget size .*(input|same) size|to match target batch_size")


def target_refusal(
    func: Callable[..., object], message: str, operands: Sequence[Operand]
) -> Refusal | None:
    """Return what is wrong with the second tensor of a loss, or with the rows asked of a table.

    None where the function is none of these, or its message says all that is known.
    """
    name = getattr(func, "__name__", "")
    if len(operands) < 2:
        return None
    first = _called(operands[0], "output" if name not in _TABLES else "indices")
    second = _called(operands[1], "target" if name not in _TABLES else "weight")
    if name in _CLASSES:
        return _classes(message, first, second)
    if name in _TABLES:
        return _rows(message, first, second)
    if name in _PROBABILITIES and "between 0 and 1" in message:
        return _probabilities(message, first, second)
    if name.startswith("binary_cross_entropy") and _SIZES.search(message):
        return _sizes(first, second)
    return None


def _called(operand: Operand, role: str) -> Operand:
    """An operand that has no name goes by what it is."""
    return operand._replace(name=role) if operand.name.startswith(UNNAMED) else operand


def _classes(message: str, scores: Operand, target: Operand) -> Refusal | None:
    kind = dtype_name(dtype(target.tensor))
    shape = shape_of(scores.tensor)
    wanted = shape_text(shape[:1] + shape[2:]) or "one number"
    if "expected target dtype" in message or "scalar type Long" in message:
        return Refusal(
            f"{target.name} is {kind}, and cross-entropy takes the numbers of classes.",
            "They are integers, as `int64` holds them; targets of floats are probabilities, one a "
            f"class, in the shape of {scores.name}.",
            f"Write `{target.name}.long()`, best where {target.name} is made.",
        )
    if "multi-target not supported" in message or "got targets of dimension" in message:
        return _one_class_each(scores, target, wanted)
    if "with class probabilities" in message:
        return Refusal(
            f"{target.name} has the shape of {scores.name}, and is {kind}.",
            "Of that shape it is taken for probabilities, one a class, which are floats; the "
            f"numbers of classes have the shape {wanted}.",
            f"Write `{target.name}.argmax(1)`, or `{target.name}.float()` for probabilities.",
        )
    if "out of bounds" in message:
        return _no_such_class(scores, target, shape[1] if len(shape) > 1 else shape[0])
    if "batch_size" in message or "Expected target size" in message:
        return _sizes(scores, target, wanted)
    return None


def _one_class_each(scores: Operand, target: Operand, wanted: str) -> Refusal:
    """That there are several numbers for each row of scores, as in a column or one-hot."""
    one = 1 in shape_of(target.tensor)[1:]
    return Refusal(
        f"{target.name} is {shape_text(shape_of(target.tensor))}, and cross-entropy takes one "
        f"class for each row of {scores.name}: {wanted}.",
        "A column of class numbers, or a row of zeros with a one in it, has a dimension too many.",
        f"Write `{target.name}.squeeze(1)`." if one else f"Write `{target.name}.argmax(1)`.",
    )


def _no_such_class(scores: Operand, target: Operand, count: int) -> Refusal:
    """That a class is no index of the scores, of which there are `count` for each row."""
    return Refusal(
        f"{target.name} goes {_range(target.tensor)}, and {scores.name} has "
        f"{counted(count, 'class', 'classes')}: classes are counted from 0 to {count - 1}.",
        "A class must be the index of one of the scores.",
        "Count from 0, as `labels - 1` does of 1, 2, 3, or give the last layer more outputs.",
    )


def _rows(message: str, indices: Operand, table: Operand) -> Refusal | None:
    if "index out of range" in message:
        count = shape_of(table.tensor)[0]
        return Refusal(
            f"{indices.name} goes {_range(indices.tensor)}, and {table.name} has "
            f"{counted(count, 'row')}: 0 to {count - 1:,}.",
            "An index must be that of a row of the table.",
            "Make the table larger, `nn.Embedding(largest index + 1, …)`, or count from 0.",
        )
    if "scalar types: Long" in message:
        return Refusal(
            f"{indices.name} is {dtype_name(dtype(indices.tensor))}, and rows are looked up by "
            "integers.",
            "An index has no fraction, and no derivative.",
            f"Write `{indices.name}.long()`, best where {indices.name} is made.",
        )
    return None


def _probabilities(message: str, guess: Operand, target: Operand) -> Refusal:
    if "of target" in message:
        return Refusal(
            f"{target.name} goes {_range(target.tensor)}, and this loss compares with "
            "probabilities, from 0 to 1.",
            "It is for yes and no, or for the share of yes.",
            "Scale the targets to 0 … 1; for several classes use cross_entropy.",
        )
    return Refusal(
        f"{guess.name} goes {_range(guess.tensor)}, and this loss takes probabilities, from 0 "
        "to 1.",
        "A layer's output is any number; only a sigmoid makes a probability of it.",
        "Use `nn.BCEWithLogitsLoss()`, which has the sigmoid in it.",
    )


def _sizes(guess: Operand, target: Operand, wanted: str = "") -> Refusal:
    shapes = shape_of(guess.tensor), shape_of(target.tensor)
    if shapes[0] == (*shapes[1], 1):
        remedy = f"Write `{target.name}.unsqueeze(1)`."
    elif prod(shapes[0]) == prod(shapes[1]):
        remedy = f"Make them alike: `.view_as(…)` of {target.name}."
    else:
        remedy = f"Print both shapes before this line, and see what {target.name} is made of."
    return Refusal(
        f"The shapes do not fit: {guess.name} is {shape_text(shapes[0])}, and {target.name} is "
        f"{shape_text(shapes[1])}{f' instead of {wanted}' if wanted else ''}.",
        "The loss compares them one by one.",
        remedy,
    )


def _range(tensor: torch.Tensor) -> str:
    value = quiet_value_of(tensor)
    if value.summary is not None:
        least, most = value.summary.minimum, value.summary.maximum
    else:
        numbers = [float(number.real) for number in value.numbers]
        least, most = min(numbers), max(numbers)
    return f"from {number_text(least)} to {number_text(most)}"
