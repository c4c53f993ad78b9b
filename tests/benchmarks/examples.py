"""The graphs that are measured, as modules: TorchLens takes no other thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

WIDTH = 32
HEADS = 2
TOKENS = 16
ENCODER = (48, 4)
"""Layers of the encoder that is measured, and of its quick form."""


class Worked(nn.Module):
    """The tutorial's example: o = mean(3(x + 2)²)."""

    def __init__(self) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.arange(4.0).reshape(2, 2))

    def forward(self, none: torch.Tensor) -> torch.Tensor:
        return (3 * (self.x + none + 2) ** 2).mean()


class Block(nn.Module):
    """One block of GPT-2, narrow, with its attention written out."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention, self.projection = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape
        parts = self.attention(self.norm1(x)).split(WIDTH, dim=2)
        q, k, v = (
            part.view(batch, tokens, HEADS, width // HEADS).transpose(1, 2) for part in parts
        )
        scores = (q @ k.transpose(-2, -1)) / (width // HEADS) ** 0.5
        future = torch.full((tokens, tokens), -1e9).triu(1)
        mixed = functional.softmax(scores + future, dim=-1) @ v
        merged = mixed.transpose(1, 2).contiguous().view(batch, tokens, width)
        x = x + self.projection(merged)
        changed: torch.Tensor = self.narrow(self.gelu(self.wide(self.norm2(x))))
        return x + changed

    @staticmethod
    def gelu(x: torch.Tensor) -> torch.Tensor:
        """GPT-2's own, by tanh, in single operations."""
        inner: torch.Tensor = 0.7978845608 * (x + 0.044715 * x**3)
        return 0.5 * x * (1.0 + torch.tanh(inner))


class Encoder(nn.Module):
    """Blocks one after the other."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block() for _ in range(layers))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        mean: torch.Tensor = x.mean()
        return mean


class Recurrent(nn.Module):
    """h = tanh(h w + b), with the same w and b at every step."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.w = nn.Parameter(torch.randn(8, 8) / 4)
        self.b = nn.Parameter(torch.zeros(8))

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        for _ in range(self.steps):
            h = torch.tanh(h @ self.w + self.b)
        return h.mean()


class Chain(nn.Module):
    """A product of so many factors, one after the other."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.start = nn.Parameter(torch.ones(2))

    def forward(self, one: torch.Tensor) -> torch.Tensor:
        y = self.start * one
        for _ in range(self.steps):
            y = y * 1.0001
        return y.sum()


@dataclass(frozen=True, slots=True)
class Example:
    """A model, what to give it, and what it is."""

    name: str
    what: str
    model: Callable[[], nn.Module]
    shape: tuple[int, ...]
    fill: float = 0.5
    root: str = "Mean"
    """What the last operation is called on a screen."""

    def build(self) -> tuple[nn.Module, torch.Tensor]:
        """The same model and input every time."""
        torch.manual_seed(0)
        return self.model(), torch.full(self.shape, self.fill)


def worked() -> Example:
    """Eight nodes or so."""
    return Example("worked", "the worked example", Worked, (2, 2), 0.0)


def encoder(layers: int = 48) -> Example:
    """48 layers have about 3,300 nodes."""
    return Example(
        "encoder", f"a {layers}-layer encoder", lambda: Encoder(layers), (1, TOKENS, WIDTH)
    )


def recurrent(steps: int = 800) -> Example:
    """800 steps have about 2,400 nodes, and every edge of w leads into one leaf."""
    return Example("rnn", f"an RNN of {steps:,} steps", lambda: Recurrent(steps), (1, 8))


def chain(steps: int = 20_000) -> Example:
    """As deep as it is long."""
    return Example("chain", f"a chain of {steps:,} nodes", lambda: Chain(steps), (2,), 1.0, "Sum")


EXAMPLES: dict[str, Callable[..., Example]] = {
    "worked": worked,
    "encoder": encoder,
    "rnn": recurrent,
    "chain": chain,
}


def example(name: str, size: int | None = None) -> Example:
    """By its name; a size of its own for those that have one."""
    return EXAMPLES[name]() if size is None else EXAMPLES[name](size)
