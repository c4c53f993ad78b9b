"""Why a call of torch was refused: which of its tensors does not fit, by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import torch

from engine.autograd.quiet import device, dtype, is_inference, requires_grad
from engine.autograd.tensor_reader import device_name, dtype_name, shape_of
from engine.autograd.values import shape_text
from engine.recording.syntax import expression_in
from engine.script.checks.cuts import tensors_in
from engine.script.checks.places import Places
from engine.script.checks.refused_calls.refusals import UNNAMED, Operand, Refusal
from engine.script.checks.refused_calls.targets import target_refusal

_DTYPES = re.compile(
    r"same dtype|but got (\w+ and \w+|scalar type)|expected (scalar type|m1 and m2)|"
    r"Found dtype|dtype mismatch|Input type .* should be the same"
)
_SHAPES = re.compile(
    r"cannot be multiplied|size of tensor|size mismatch|must match|shape .* is invalid|"
    r"inconsistent tensor size|mat1 dim 1 must match"
)
_DEVICES = re.compile(r"on the same device|Expected .* device type|is on (cpu|cuda)")
_INFERENCE = re.compile(r"Inference tensors cannot be saved for backward")

_SHORT = 30
"""Most characters of an argument's text that stands for its name."""


def refusal(
    func: Callable[..., Any],
    message: str,
    arguments: Any,
    expression: str | None,
    places: Places,
    frame: FrameType,
) -> Refusal | None:
    """Return why torch has refused a call; None where its message says all that is known.

    `expression` is the source text of the call.
    """
    tensors = tensors_in(arguments, most=None)
    texts = _argument_texts(expression, tensors)
    operands = [
        Operand(
            tensor, places.name_of(tensor, frame) or text, isinstance(tensor, torch.nn.Parameter)
        )
        for tensor, text in zip(tensors, texts, strict=True)
    ]
    found = target_refusal(func, message, operands)
    if found is not None:
        return found
    kinds = (_DTYPES, _dtypes), (_SHAPES, _shapes), (_DEVICES, _devices), (_INFERENCE, _inference)
    for pattern, explain in kinds:
        if pattern.search(message):
            return explain(operands) if operands else None
    return None


def _argument_texts(expression: str | None, tensors: Sequence[torch.Tensor]) -> list[str]:
    """What stands for the tensors of a call where they have no names."""
    texts = [f"{UNNAMED}{at}" for at in range(1, len(tensors) + 1)]
    call = expression_in(expression or "")
    given = call.args if isinstance(call, ast.Call) else []
    # A module's call is given its input, and hands its parameters over besides.
    if len(given) <= len(tensors) and all(
        isinstance(one, torch.nn.Parameter) for one in tensors[len(given) :]
    ):
        for at, text in enumerate(map(ast.unparse, given)):
            texts[at] = text if len(text) <= _SHORT else texts[at]
    return texts


def _dtypes(operands: Sequence[Operand]) -> Refusal | None:
    types = [dtype_name(dtype(one.tensor)) for one in operands]
    if len(set(types)) < 2:
        return None
    usual = dtype_name(torch.get_default_dtype())
    odd = _odd(operands, types, usual)
    others = [name for at, name in enumerate(types) if at != odd]
    wanted = max(set(others), key=others.count)
    method = {"float32": "float()", "float64": "double()", "int64": "long()"}.get(
        wanted, f"to(torch.{wanted})"
    )
    which = operands[odd].name
    rest = [one for at, one in enumerate(operands) if at != odd and types[at] == wanted]
    names = _and([one.name for one in rest])
    if all(one.is_parameter and one.name.startswith(UNNAMED) for one in rest):
        names, rest = "what the layer holds", rest[:1]
    return Refusal(
        f"{which} is {types[odd]}, and {names} {'are' if len(rest) > 1 else 'is'} {wanted}.",
        "Torch does not convert between them by itself; NumPy makes float64 where nothing is said.",
        f"Write `{which}.{method}`, best where {which} is made.",
    )


def _shapes(operands: Sequence[Operand]) -> Refusal | None:
    if len({shape_of(one.tensor) for one in operands}) < 2:
        return None
    said = [f"{one.name} is {shape_text(shape_of(one.tensor))}" for one in operands[:3]]
    return Refusal(
        f"The shapes do not fit: {', '.join(said)}.",
        "The last dimension of what comes in must be the one that a layer's weight has, and "
        "dimensions that are paired must be equal or 1.",
        f"Print `{operands[0].name}.shape` before this line, or step to it here.",
    )


def _devices(operands: Sequence[Operand]) -> Refusal | None:
    names = [device_name(device(one.tensor)) for one in operands]
    if len(set(names)) < 2:
        return None
    said = [f"{one.name} is on {name}" for one, name in zip(operands, names, strict=True)]
    usual = next((name for name in names if name != "cpu"), "cpu")
    odd = _odd(operands, names, usual)
    others = [name for at, name in enumerate(names) if at != odd]
    return Refusal(
        f"The tensors are on several devices: {', '.join(said)}.",
        "One operation runs on one device.",
        f'Write `{operands[odd].name}.to("{others[0]}")`.',
    )


def _inference(operands: Sequence[Operand]) -> Refusal | None:
    names = [one.name for one in operands if is_inference(one.tensor)]
    if not names:
        return None
    return Refusal(
        f"{_and(names)} was made under inference_mode, and autograd must save it here.",
        "An inference tensor has no version counter, so it can never be saved for backward.",
        f"Use `{names[0]}.clone()` outside of inference_mode, or make it under no_grad.",
    )


def _odd(operands: Sequence[Operand], kinds: Sequence[str], usual: str) -> int:
    """The operand to be converted: not what is trained, of the kind that fewer have or an odd one.

    `usual` is the kind that all should have where each has one of its own.
    """

    def rank(at: int) -> tuple[bool, int, bool, bool, int]:
        one, kind = operands[at], kinds[at]
        trained = requires_grad(one.tensor)
        return one.is_parameter, kinds.count(kind), kind == usual, trained, at

    return min(range(len(operands)), key=rank)


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
