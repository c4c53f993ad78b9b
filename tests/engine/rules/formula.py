"""Reading a rule's text as a person would, knowing nothing of how it was made.

`evaluated("g · (1 − result²)", values)` gives the number that the formula says. What is said in
words instead, as `g at [1:]`, raises InWordsError.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

LETTER = r"[^\W\d⁰¹²³⁴⁵⁶⁷⁸⁹₀-₉ᵀᴴ]"
TOKEN = re.compile(
    r"\s*(?:(?P<index>\[[-\d:, None]+\])|(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|⁻?[ᵀᴴ])"
    r"|(?P<number>\d[\d.]*(?:e[+-]?\d+)?j?)"
    rf"|(?P<name>ones\[[^\]]*\]|ln σ|ψ⁽[⁰-⁹¹²³]⁾|{LETTER}(?:{LETTER}|[\d.′₍₎₀-₉])*)|(?P<sign>.))"
)
DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SUMMED = re.compile(r"sum of (.+) over dims? ([\d, ]+)")
REPEATED = re.compile(r"(.+) repeated along dims? ([\d, ]+)")
PLACED = re.compile(r"(.+) at (\[[-\d:, ]+\])")
RESHAPED = re.compile(r"(.+) reshaped to [\d×]+")

FUNCTIONS: Mapping[str, Callable[..., Tensor]] = {
    "exp": torch.exp,
    "ln": torch.log,
    "√": torch.sqrt,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "σ": torch.sigmoid,
    "ln σ": lambda x: torch.sigmoid(x).log(),
    "sign": torch.sgn,
    "abs": torch.abs,
    "conj": lambda x: x.conj().resolve_conj(),
    "Re": torch.real,
    "Im": lambda x: x.imag if x.is_complex() else torch.zeros_like(x),
    "Φ": torch.special.ndtr,
    "φ": lambda x: (-(x**2) / 2).exp() / math.sqrt(2 * math.pi),
    "u": lambda x: math.sqrt(2 / math.pi) * (x + 0.044715 * x**3),
    "u′": lambda x: math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2),
    "clip": lambda x: x.clamp(-1, 1),
    "erfinv": torch.erfinv,
    "ψ": torch.digamma,
    "ψ⁽¹⁾": lambda x: torch.polygamma(1, x),
    "ψ⁽²⁾": lambda x: torch.polygamma(2, x),
    "ψ⁽³⁾": lambda x: torch.polygamma(3, x),
    "I₁": torch.special.i1,
    "floor": torch.floor,
    "trunc": torch.trunc,
    "triu": torch.triu,
    "tril": torch.tril,
    "diag": torch.diag_embed,
    "half": lambda x: (x + x.mH) / 2,
    "mirror": lambda x: x.tril() + x.tril(-1).mH,
    "sym": lambda x: x + x.mH - x.diagonal().real.diag_embed(),
    "skew": lambda x: x - x.mH,
    "offdiag": lambda x: x - x.diagonal().diag_embed(),
}


class InWordsError(ValueError):
    """The text is no formula, or has a name that is explained in words."""


def evaluated(text: str, values: Mapping[str, Tensor], shape: tuple[int, ...]) -> Tensor:
    """What the text says, as a tensor of that shape; raises InWordsError."""
    if match := SUMMED.fullmatch(text):
        whole = evaluated_any(match[1], values)
        dims = [int(dim) for dim in match[2].split(",")]
        if whole.dim() <= max(dims):
            raise InWordsError(text)
        return whole.sum(dims, keepdim=True).reshape(shape)
    if match := REPEATED.fullmatch(text):
        whole = evaluated_any(match[1], values)
        if whole.dim() < len(shape):
            for dim in match[2].split(","):
                whole = whole.unsqueeze(int(dim))
        return whole.expand(shape)
    if (match := PLACED.fullmatch(text)) and " at " not in match[1]:
        part = evaluated_any(match[1], values)
        whole = torch.zeros(shape, dtype=part.dtype)
        whole[_index(match[2])] = part
        return whole
    if match := RESHAPED.fullmatch(text):
        return evaluated_any(match[1], values).reshape(shape)
    whole = evaluated_any(text, values)
    return whole.reshape(shape) if whole.numel() == math.prod(shape) else whole.expand(shape)


def _index(text: str) -> tuple[Any, ...]:
    """An index as Python has it, `[:, 1:2]`."""
    return eval(f"Indexed(){text}", {"Indexed": _Indexed})  # type: ignore[no-any-return]


class _Indexed:
    def __getitem__(self, key: Any) -> tuple[Any, ...]:
        return key if isinstance(key, tuple) else (key,)


def evaluated_any(text: str, values: Mapping[str, Tensor]) -> Tensor:
    """What the text says, of whatever shape that has."""
    where, otherwise = _outside(text, " where "), _outside(text, ", else ")
    if where is None or otherwise is None:
        return _Reader(text, values).all()
    chosen = _condition(text[where + len(" where ") : otherwise], values)
    then = evaluated_any(text[:where], values)
    return torch.where(chosen, then, evaluated_any(text[otherwise + len(", else ") :], values))


def _outside(text: str, words: str) -> int | None:
    """Where the words stand first outside of all parentheses."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth and text.startswith(words, at):
            return at
    return None


def _condition(text: str, values: Mapping[str, Tensor]) -> Tensor:
    if " or " in text:
        one, two = text.split(" or ", 1)
        return _condition(one, values) | _condition(two, values)
    if text.endswith(" is nan"):
        return _Reader(text.removesuffix(" is nan"), values).all().isnan()
    if text.endswith(" is finite"):
        return _Reader(text.removesuffix(" is finite"), values).all().isfinite()
    parts = re.split(r" (≤|≥|<|>|=) ", text)
    if len(parts) == 1:
        return _Reader(text, values).all().bool()
    tests: dict[str, Callable[..., Tensor]] = {
        "≤": torch.le,
        "≥": torch.ge,
        "<": torch.lt,
        ">": torch.gt,
        "=": torch.isclose,
    }
    sides = [_Reader(part, values).all() for part in parts[::2]]
    held: list[Tensor] = [
        tests[sign](a, b) for sign, a, b in zip(parts[1::2], sides, sides[1:], strict=False)
    ]
    result = held[0]
    for further in held[1:]:
        result = torch.logical_and(result, further)
    return result


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, text: str, values: Mapping[str, Tensor]) -> None:
        self._text = text.strip()
        self._values = values
        found = list(TOKEN.finditer(self._text))
        self._tokens = [(match.lastgroup or "", match[0].strip()) for match in found]
        self._ends = [match.end() for match in found]
        self._at = 0

    def all(self) -> Tensor:
        result = self._sum()
        if self._at < len(self._tokens):
            raise InWordsError(self._tokens[self._at][1])
        return result

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _took(self, *signs: str) -> str | None:
        kind, text = self._next()
        if kind == "sign" and text in signs:
            self._at += 1
            return text
        return None

    def _sum(self) -> Tensor:
        result = self._signed()
        while sign := self._took("+", "−", "-"):
            term = self._product()
            result = result + term if sign == "+" else result - term
        return result

    def _signed(self) -> Tensor:
        return -self._product() if self._took("−") else self._product()

    def _product(self) -> Tensor:
        result = self._power()
        while sign := self._took("·", "/", "@", "⊗"):
            factor = self._power()
            if sign == "·":
                result = result * factor
            elif sign == "/":
                result = result / factor
            elif sign == "@":
                kind = torch.promote_types(result.dtype, factor.dtype)
                result = result.to(kind) @ factor.to(kind)
            else:
                result = result.outer(factor)
        return result

    def _power(self) -> Tensor:
        result = self._atom()
        while True:
            kind, text = self._next()
            if kind == "power":
                self._at += 1
                result = _raised(result, text)
            elif kind == "index":
                self._at += 1
                result = result[_index(text)]
            elif self._took("^"):
                result = result ** self._atom()
            else:
                return result

    def _atom(self) -> Tensor:
        kind, text = self._next()
        self._at += 1
        if kind == "number":
            number = complex(text) if text.endswith("j") else float(text)
            return torch.tensor(
                number, dtype=torch.complex128 if isinstance(number, complex) else torch.float64
            )
        if text == "(":
            return self._inside()
        if text == "-":  # the sign of a number that is written out
            return -self._atom()
        if kind == "name" or text == "√":
            if self._took("("):
                return self._called(text)
            return self._named(text)
        raise InWordsError(text)

    def _inside(self) -> Tensor:
        """What stands in parentheses, which may be a choice."""
        first, depth = self._at, 1
        while depth and self._at < len(self._tokens):
            text = self._next()[1]
            depth += (text == "(") - (text == ")")
            self._at += 1
        return evaluated_any(
            self._text[self._ends[first - 1] : self._ends[self._at - 1] - 1], self._values
        )

    def _named(self, name: str) -> Tensor:
        if name in self._values:
            return self._values[name]
        if name in ("nan", "inf"):
            return torch.tensor(float(name), dtype=torch.float64)
        if name == "π":
            return torch.tensor(math.pi, dtype=torch.float64)
        if name == "i":
            return torch.tensor(1j, dtype=torch.complex128)
        if name.startswith("ones["):
            sizes = [int(size) for size in name[5:-1].split("×")]
            return torch.ones(sizes, dtype=torch.float64)
        raise InWordsError(name)

    def _called(self, name: str) -> Tensor:
        argument = self._sum()
        dims: list[int] = []
        if self._took(","):
            word = self._next()[1]
            if word not in ("dim", "dims"):
                raise InWordsError(word)
            self._at += 1
            while self._next()[0] == "number":
                dims.append(int(self._next()[1]))
                self._at += 1
                self._took(",")
        self._close()
        over = dims or list(range(argument.dim()))
        if name == "Σ":
            return argument.sum(over, keepdim=True) if over else argument
        if name == "mean":
            return argument.mean(over, keepdim=True) if over else argument
        if name not in FUNCTIONS or dims:
            raise InWordsError(name)
        return FUNCTIONS[name](argument)

    def _close(self) -> None:
        if not self._took(")"):
            raise InWordsError(self._next()[1])


def _raised(base: Tensor, exponent: str) -> Tensor:
    if exponent[-1] in "ᵀᴴ":
        turned = base.mT if exponent[-1] == "ᵀ" else base.mH
        return torch.linalg.inv_ex(turned)[0] if exponent.startswith("⁻") else turned
    number = int(exponent.translate(DIGITS))
    return torch.linalg.inv_ex(base)[0] if number == -1 and base.dim() > 1 else base**number
