"""The fast path of training: real autograd, every iteration recorded in full.

The tutorial's loop, made cheaper without changing a bit of its numbers:

- w, b, their `.grad` and what a method keeps are views into one tensor, so that one operation
  zeroes both gradients, one updates both parameters and one reads all numbers out;
- the views of w and b that are updated do not require gradients, so no `no_grad` and no
  `.data` is entered (both ways of updating give the same numbers);
- `mse_loss` is the mean of squares in one node. Its factor 2/m is exactly twice the 1/m of
  `mean` and doubling a float is exact, so the gradients agree to the last bit (to 2**24
  points, above which `mean` rounds m to float32);
- on the CPU it is their sum, from which autograd starts with 1/m instead of 1, and which is
  divided by m as a number of Python: a division by torch takes a sixteenth of an iteration;
- `mse_loss` is called as `torch.nn.functional` calls it, once shapes have been broadcast, which
  takes it a tenth of an iteration though they are the same;
- autograd's engine is called as `backward` calls it, without the checks of arguments that take
  `backward` a quarter of an iteration on so small a graph;
- away from the CPU numbers are read in chunks, since every read waits for the device.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from time import perf_counter
from typing import NamedTuple

import torch
from torch._C import _nn

from engine.training.batches import batches
from engine.training.dataset import Dataset, dataset
from engine.training.method_state import Read, reader, rows_of
from engine.training.methods import stepping
from engine.training.problem import Problem, State, Step

CHUNK_SECONDS = 0.005
"""Chunks grow until one takes this long: a frame waits for at most about twice of it."""
CHUNK_LIMIT = 1024
"""Iterations in a chunk at most: bounds what is computed ahead and the memory for it."""


class Averaging(NamedTuple):
    """How the squares of the residuals become the loss of an iteration."""

    number: int
    """What `mse_loss` knows it by."""
    seed: float
    """The gradient of the loss with respect to what `mse_loss` returns."""
    value: Callable[[torch.Tensor], float]
    """Reads the loss off what `mse_loss` returned."""


MEAN = Averaging(1, 1.0, torch.Tensor.item)
EXACT_MEAN = 2**24
"""So many points at most are a float32, by which torch divides as Python does by the number."""


def steps(problem: Problem, state: State, data: Dataset | None = None) -> Iterator[Step]:
    """The iterations that follow `state`, endlessly, a non-finite one included.

    Continues bit for bit where a run that was at `state` would have. Away from the CPU it may
    have computed up to `CHUNK_LIMIT` iterations more than were asked of it.
    """
    data = data or dataset(problem)
    rows = first_rows(problem, state, data)
    read, averaging = reader(problem, state), _averaging(problem, data)
    losses = losses_of(problem, state, rows, data, averaging)
    if rows.device.type == "cpu":
        return _read_each(state.iteration, losses, rows, read, averaging.value)
    return recorded(state.iteration, losses, rows, read)


def _averaging(problem: Problem, data: Dataset) -> Averaging:
    points = len(data.y)
    if data.y.device.type != "cpu" or problem.batch_size is not None or points > EXACT_MEAN:
        return MEAN
    rounded = array("f" if data.y.dtype == torch.float32 else "d", (0.0,))

    def value(total: torch.Tensor) -> float:
        rounded[0] = total.item() / points
        return rounded[0]

    return Averaging(2, 1 / points, value)


def recorded(
    iteration: int,
    losses: Iterator[torch.Tensor],
    rows: torch.Tensor,
    read: Read,
    clock: Callable[[], float] = perf_counter,
) -> Iterator[Step]:
    """The iterations of a loop that works in place on `first_rows`, numbered from `iteration`.

    Away from the CPU in chunks, which grow as long as one is quick by the `clock`.
    """
    if rows.device.type == "cpu":
        return _read_each(iteration, losses, rows, read, MEAN.value)
    return read_chunks(iteration, taken(losses, rows), rows, read, clock)


def first_rows(problem: Problem, state: State, data: Dataset) -> torch.Tensor:
    """A row each for parameters, gradients and what the method keeps of them; b comes last."""
    return torch.tensor(rows_of(problem, state), dtype=data.x.dtype, device=data.x.device)


def losses_of(
    problem: Problem,
    state: State,
    rows: torch.Tensor,
    data: Dataset,
    averaging: Averaging = MEAN,
) -> Iterator[torch.Tensor]:
    """Iterate in place on the `rows` of a state; yields the loss of each iteration, as reduced."""
    parameters, gradients, *_ = rows
    w = parameters[:-1, None].detach().requires_grad_()
    b = parameters[-1].detach().requires_grad_()
    w.grad, b.grad = gradients[:-1, None], gradients[-1]
    rate = torch.full((), problem.learning_rate, dtype=rows.dtype, device=rows.device)
    zeroing, step = problem.zeroing, stepping(problem, state, rows)
    learn = learning(w, b, averaging)
    for x, y in batches(problem, state.iteration, data):
        if zeroing:
            gradients.zero_()
        loss = learn(x, y)
        parameters.sub_(rate * step())
        yield loss


def learning(
    w: torch.Tensor, b: torch.Tensor, averaging: Averaging = MEAN
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """What adds the gradients of the loss over points to those of w and b, and returns the loss."""
    mse_loss: Callable[..., torch.Tensor] = _nn.mse_loss
    run_backward = torch.autograd.Variable._execution_engine.run_backward
    seeds, number = (torch.full_like(b.detach(), averaging.seed),), averaging.number

    def learn(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = mse_loss(x.mm(w) + b, y, number)
        run_backward((loss,), seeds, False, False, (), True, accumulate_grad=True)
        return loss

    return learn


def _read_each(
    iteration: int,
    losses: Iterator[torch.Tensor],
    rows: torch.Tensor,
    read: Read,
    value: Callable[[torch.Tensor], float],
) -> Iterator[Step]:
    for number, loss in enumerate(losses, iteration):
        yield read(number, value(loss), rows.tolist())


def taken(losses: Iterator[torch.Tensor], rows: torch.Tensor) -> Iterator[torch.Tensor]:
    """The numbers of each iteration, where they are: all of `rows`, and the loss, in one row."""
    for loss in losses:
        yield torch.cat((rows.reshape(-1), loss.detach().reshape(1))).unsqueeze(0)


def read_chunks(
    iteration: int,
    blocks: Iterator[torch.Tensor],
    rows: torch.Tensor,
    read: Read,
    clock: Callable[[], float] = perf_counter,
) -> Iterator[Step]:
    """The steps of iterations whose numbers come in blocks, a row for each iteration.

    Many are read from the device at once: every time it is waited for.
    """
    size = 1
    while True:
        began = clock()
        numbers = torch.cat(list(islice(blocks, size))).cpu()
        losses, chunk = numbers[:, -1].tolist(), numbers[:, :-1].reshape(-1, *rows.shape).tolist()
        seconds = clock() - began
        for number, (loss, kept) in enumerate(zip(losses, chunk, strict=True), iteration):
            yield read(number, loss, kept)
        iteration += len(losses)
        if seconds < CHUNK_SECONDS and 2 * len(losses) <= CHUNK_LIMIT:
            size *= 2
