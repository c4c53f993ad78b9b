"""What one process of a distributed run records besides: its place, collectives and gradients.

Torch-free. The recording of each rank is a file of its own; what the ranks make together is read
off several of them by `engine.ranks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.autograd.values import Value

Reducer = Literal["", "DistributedDataParallel", "all_reduce", "DTensor"]
"""What reduced gradients over the ranks: nothing yet, DDP, the script's own call, or DTensor."""


@dataclass(frozen=True, slots=True)
class RankPlace:
    """Which process of a distributed run a recording is of."""

    rank: int
    world_size: int
    local_rank: int = 0
    host: str = ""
    launch: str = ""
    """Equal for all ranks that were started together, and for no others: restarts differ."""
    backend: str = ""
    """As `gloo` or `nccl`; empty before the process group is there."""
    device: str = ""
    """As `cpu` or `cuda:1`; empty before it is known."""


@dataclass(frozen=True, slots=True)
class Collective:
    """A call in which the ranks wait for each other."""

    number: int
    """Which one of this rank it is, from 0; one that only some ranks make has the number of the
    last one that all made."""
    operation: str
    """As in `torch.distributed`: `all_reduce`, `broadcast`, `barrier`."""
    number_of_pass: int
    """How many passes had begun, less one: -1 before the first."""
    line: int
    file: int = 0
    began: float = 0.0
    """In seconds since the epoch."""
    ended: bool = False
    """Whether the call has returned."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Gradients that are reduced in one call."""

    leaves: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class RankGradient:
    """The gradient of one leaf in one pass, before and after the ranks reduced it."""

    leaf: str
    """As in the scalars of passes."""
    local_norm: float | None
    """Of `.grad` on this rank right after its own pass, mostly with what passes before left there;
    None where the pass did not reach the leaf."""
    norm: float | None
    """Of `.grad` when the update began, or the next pass; None without one."""
    value_norm: float
    """Of the leaf itself at the same moment."""
    digest: int = 0
    """Of the bytes of that `.grad`, or of a sample of them: equal gradients have equal ones. 0
    where none was made."""
    value_digest: int = 0
    """The same of the leaf itself."""
    local: Value | None = None
    """Numbers of this rank's own gradient, in a pass that was recorded deeply."""
    reduced: Value | None = None
    """Numbers of `.grad` when the update began, in a pass that was recorded deeply."""
    bucket: int | None = None
    """The index of its bucket; None where nothing reduced it."""


@dataclass(frozen=True, slots=True)
class RankPass:
    """One pass of one rank."""

    number: int
    """As in the recording, from 0."""
    reducer: Reducer
    operation: Literal["mean", "sum"]
    """What `.grad` holds of the local gradients when the update begins."""
    gradients: tuple[RankGradient, ...]
    """Of every parameter that takes part, also of those that the pass did not reach."""
    buckets: tuple[Bucket, ...] = ()
    samples: int | None = None
    """Over how many numbers the loss of this rank is a mean; None where it is none."""
    scale: float | None = None
    """The scale of the GradScaler; None without one."""
