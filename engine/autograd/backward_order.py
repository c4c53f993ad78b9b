"""The order in which autograd's engine runs the nodes of a graph, found without running them.

A node is ready when all of its users have run; of the ready ones the latest made goes first,
leaves before all. Ties (leaves have no number of their own) go as in the engine's heap, so
the heap here takes the same steps as `std::priority_queue` does in torch's Linux builds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

AutogradNode = Any
"""`torch.autograd.graph.Node`; torch's own annotations leave out most of what it has."""

Inputs = tuple[tuple[AutogradNode | None, int], ...]
"""A node's `next_functions`: for every input the node that made it, and as which output."""


def backward_order(roots: Sequence[AutogradNode]) -> dict[AutogradNode, Inputs]:
    """Every node behind `roots` with its inputs, in the order of a backward pass from them."""
    inputs: dict[AutogradNode, Inputs] = {}
    waiting: dict[AutogradNode, int] = {}
    stack = []
    for root in roots:
        if root not in waiting:
            stack.append(root)
        waiting[root] = waiting.get(root, 0) + 1
    while stack:
        node = stack.pop()
        inputs[node] = found = node.next_functions
        for source, _ in found:
            if source in waiting:
                waiting[source] += 1
            elif source is not None:
                waiting[source] = 1
                stack.append(source)
    ready = _ReadyQueue()
    order: dict[AutogradNode, Inputs] = {}
    arriving: Inputs = tuple((root, 0) for root in roots)
    while True:
        for source, _ in arriving:
            if source is not None:
                waiting[source] -= 1
                if not waiting[source]:
                    ready.push(source)
        if not ready:
            return order
        node = ready.pop()
        order[node] = arriving = inputs[node]


class _ReadyQueue:
    """A binary max-heap by sequence number that orders equals as libstdc++ does."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, AutogradNode]] = []

    def __bool__(self) -> bool:
        return bool(self._heap)

    def push(self, node: AutogradNode) -> None:
        entry = node._sequence_nr(), node
        self._heap.append(entry)
        self._rise(len(self._heap) - 1, entry)

    def pop(self) -> AutogradNode:
        heap = self._heap
        top = heap[0]
        last = heap.pop()
        if heap:
            hole, child = 0, 2
            while child <= len(heap):
                # A lone left child, else the right one where it is not smaller.
                if child == len(heap) or heap[child][0] < heap[child - 1][0]:
                    child -= 1
                heap[hole] = heap[child]
                hole, child = child, 2 * child + 2
            self._rise(hole, last)
        return top[1]

    def _rise(self, hole: int, entry: tuple[int, AutogradNode]) -> None:
        heap = self._heap
        while hole and heap[(hole - 1) // 2][0] < entry[0]:
            heap[hole] = heap[(hole - 1) // 2]
            hole = (hole - 1) // 2
        heap[hole] = entry
