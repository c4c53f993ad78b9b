"""Correct scripts whose shapes, infinities or losses look wrong."""

from __future__ import annotations

NUMBERS = {
    "a table of differences that is wanted": """
        x = torch.rand(6, 1)
        centres = torch.rand(6, requires_grad=True)
        kernel = torch.exp(-(x - centres) ** 2)
        kernel.sum(1).log().mean().backward()
    """,
    "all pairs, both tracked": """
        z = torch.rand(5, 1, requires_grad=True)
        (z - z.squeeze(1)).pow(2).mean().backward()
    """,
    "rounding with the gradient passed by": """
        w = torch.rand(3, requires_grad=True)
        q = w + (w.round() - w).detach()
        q.pow(2).sum().backward()
    """,
    "some dead units": """
        layer = nn.Linear(2, 4)
        with torch.no_grad():
            layer.bias[:2] = -100.0
        torch.relu(layer(torch.rand(5, 2))).sum().backward()
    """,
    "a mask of infinities before a softmax": """
        scores = torch.rand(3, 3, requires_grad=True)
        mask = torch.ones(3, 3).triu(1).bool()
        weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
        (weights @ torch.rand(3, 2)).pow(2).mean().backward()
    """,
    "an infinity that is left out": """
        x = torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
        safe = torch.where(x > 0, x, torch.ones(()))
        y = torch.where(x > 0, safe.log(), torch.tensor(float("-inf")))
        y[1:].sum().backward()
    """,
    "a loss that grows on purpose": """
        w = torch.ones(1, requires_grad=True)
        for _ in range(6):
            score = (w * 2).sum()
            (-score).backward()
            with torch.no_grad():
                w -= w.grad
            w.grad = None
    """,
    "a hinge loss that has come to 0": """
        w = torch.full((2,), 9.0, requires_grad=True)
        margins = torch.relu(1 - torch.ones(4, 2) @ w)
        (margins.mean() + 0.1 * w.pow(2).sum()).backward()
    """,
    "log_softmax of logarithms": """
        net = nn.Sequential(nn.Linear(2, 3), nn.LogSoftmax(1))
        F.nll_loss(net(torch.rand(4, 2)), torch.tensor([0, 1, 2, 0])).backward()
    """,
    "a softmax within the model": """
        gate, net = nn.Linear(2, 3), nn.Linear(3, 3)
        weights = gate(torch.rand(4, 2)).softmax(1)
        F.cross_entropy(net(weights), torch.tensor([0, 1, 2, 0])).backward()
    """,
    "nan where nothing looks": """
        x = torch.tensor([1.0, float("nan"), 3.0])
        w = torch.ones(1, requires_grad=True)
        (w * x[~x.isnan()]).sum().backward()
    """,
    "margins that all are kept": """
        x, y = torch.tensor([[3.0], [4.0], [-3.0]]), torch.tensor([1.0, 1.0, -1.0])
        w = torch.tensor([[2.0]], requires_grad=True)
        def margins():
            return torch.relu(1 - y * (x @ w).squeeze(1))
        margins()[y > -2].mean().backward()
        margins().max().backward()
        torch.where(y > 0, margins(), 0.0).sum().backward()
        (margins() @ torch.ones(3)).log1p().backward()
        ratio = torch.full((2,), 2.0, requires_grad=True)
        (-torch.min(ratio, ratio.clamp(0.8, 1.2)).mean()).backward()
    """,
    "all pairs asked for, and a matrix of rank one": """
        x, y = torch.rand(4, requires_grad=True), torch.rand(4)
        (x[:, None] - y).abs().mean().backward()
        u, v, matrix = torch.rand(4, 1, requires_grad=True), torch.rand(4), torch.rand(4, 4)
        (u * v - matrix).pow(2).mean().backward()
    """,
    "what grows with margins that all are kept": """
        x, y = torch.tensor([[3.0], [-4.0]]), torch.tensor([1.0, -1.0])
        w = torch.tensor([[2.0]], requires_grad=True)
        def margins():
            return torch.relu(1 - y * (x @ w).squeeze(1))
        (1 - (1 - margins().mean())).backward()
        (torch.exp(margins()) - 1).mean().backward()
        torch.logsumexp(margins(), 0).backward()
    """,
}
