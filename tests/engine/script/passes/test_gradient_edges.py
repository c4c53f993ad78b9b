"""A pass may begin at an edge of the graph in place of a tensor."""

from __future__ import annotations

from tests.forks.forks import RecordText

EDGES = """\
import torch
from torch.autograd.graph import get_gradient_edge
w = torch.ones(2, requires_grad=True)
for i in range(4):
    edge = get_gradient_edge((w * i).sum())
    torch.autograd.backward((edge,))
print(w.grad.tolist())
"""


def test_its_graph_and_leaves_are_recorded_but_no_loss_is_known(record_text: RecordText) -> None:
    recording = record_text(EDGES)
    assert (recording.output, recording.notes) == ("[6.0, 6.0]\n", ())
    assert (recording.passes.count, recording.passes.has_losses) == (4, False)
    assert recording.passes.leaves == ("w",)
    for backward in recording.backwards:
        operations = [node.op for node in backward.graph.nodes]
        assert operations == ["SumBackward0", "MulBackward0", "AccumulateGrad"]
        assert backward.graph.nodes[1].line == 5
