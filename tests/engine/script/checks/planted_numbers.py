"""Planted mistakes in what a loss computes: shapes, flat functions, numbers that are not finite."""

from __future__ import annotations

NUMBERS = {
    "a column of predictions against a row of targets": """
        x = torch.rand(12, 1)
        y = 3 * x.squeeze(1) + 1
        model = nn.Linear(1, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            loss = ((model(x) - y) ** 2).mean()  # ← broadcast
            opt.zero_grad()
            loss.backward()
            opt.step()
    """,
    "the same in mse_loss": """
        x, y = torch.rand(9, 2), torch.rand(9)
        model = nn.Linear(2, 1)
        out = model(x)
        loss = F.mse_loss(out, y)  # ← broadcast
        loss.backward()
    """,
    "the other way round, with abs": """
        w = torch.zeros(2, requires_grad=True)
        x, target = torch.rand(7, 2), torch.rand(7, 1)
        guess = x @ w
        error = target - guess  # ← broadcast
        error.abs().mean().backward()
    """,
    "in a method of a module": """
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(3, 1)
            def loss(self, x, y):
                residual = self.fc(x) - y  # ← broadcast
                return residual.pow(2).sum()
        model = Model()
        model.loss(torch.rand(5, 3), torch.rand(5)).backward()
    """,
    "round in the loss": """
        x, y = torch.rand(6, 2), torch.rand(6, 1)
        model = nn.Linear(2, 1)
        prediction = torch.round(model(x))  # ← flat
        F.mse_loss(prediction, y).backward()
    """,
    "sign in the loss": """
        w = torch.randn(4, requires_grad=True)
        x = torch.randn(5, 4)
        side = torch.sign(x @ w)  # ← flat
        (1 - side).pow(2).mean().backward()
    """,
    "floor in a module": """
        class Steps(nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = nn.Parameter(torch.tensor(3.7))
            def forward(self, x):
                return torch.floor(x * self.scale)  # ← flat
        Steps()(torch.rand(5)).sum().backward()
    """,
    "a layer of dead units": """
        layer, head = nn.Linear(2, 8), nn.Linear(8, 1)
        with torch.no_grad():
            layer.bias.fill_(-100.0)
        x = torch.rand(10, 2)
        h = torch.relu(layer(x))  # ← flat
        head(h).pow(2).mean().backward()
    """,
    "log of 0": """
        p = torch.tensor([0.5, 0.0], requires_grad=True)
        entropy = torch.log(p)  # ← not finite
        loss = -(p * entropy).sum()
        loss.backward()
    """,
    "sqrt at 0": """
        x = torch.zeros(3, requires_grad=True)
        d = (x * x).sum()
        r = torch.sqrt(d)  # ← not finite
        r.backward()
    """,
    "a distance of a point to itself": """
        points = torch.rand(3, 2, requires_grad=True)
        square = (points[:, None] - points[None]).pow(2).sum(-1)
        distance = square.sqrt()  # ← not finite
        distance.mean().backward()
    """,
    "where does not help": """
        x = torch.tensor([0.0, 1.0, 4.0], requires_grad=True)
        root = torch.sqrt(x)  # ← not finite
        y = torch.where(x > 0, root, x * 0)
        y.sum().backward()
    """,
    "a division by 0": """
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        count = torch.tensor([0.0, 3.0])
        mean = a / count  # ← not finite
        mean.sum().backward()
    """,
    "exp that overflows": """
        x = torch.tensor([1.0, 100.0], requires_grad=True)
        e = x.exp()  # ← not finite
        (e / e.sum()).sum().backward()
    """,
    "a fractional power at 0": """
        x = torch.tensor([0.0, 1.0], requires_grad=True)
        y = x ** 0.5  # ← not finite
        y.sum().backward()
    """,
    "a row that is masked throughout": """
        scores = torch.rand(2, 3, requires_grad=True)
        mask = torch.tensor([[True, True, True], [False, True, False]])
        hidden = scores.masked_fill(mask, float("-inf"))
        weights = hidden.softmax(1)  # ← not finite
        weights.sum().backward()
    """,
    "a masked row that the loss leaves out": """
        s = torch.rand(2, 2, requires_grad=True)
        v = torch.rand(2, 3, requires_grad=True)
        mask = torch.tensor([[True, True], [False, True]])
        w = s.masked_fill(mask, float("-inf")).softmax(-1)  # ← not finite
        out = w @ v
        out[1].sum().backward()
    """,
    "arccosine at 1": """
        x = torch.ones(2, requires_grad=True)
        angle = torch.acos(x)  # ← not finite
        angle.sum().backward()
    """,
    "scores in place of logarithms of probabilities": """
        net = nn.Linear(3, 4)
        scores = net(torch.rand(8, 3))
        F.nll_loss(scores, torch.randint(0, 4, (8,))).backward()  # ← loss
    """,
    "a softmax before cross_entropy": """
        net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
        loss = F.cross_entropy(net(torch.rand(5, 4)), torch.tensor([0, 1, 2, 1, 0]))  # ← loss
        loss.backward()
    """,
    "the same for pictures": """
        net = nn.Conv2d(1, 3, 1)
        p = torch.softmax(net(torch.rand(2, 1, 4, 4)), 1).permute(0, 2, 3, 1).reshape(-1, 3)
        loss = F.cross_entropy(p, torch.zeros(32).long(), label_smoothing=0.1)  # ← loss
        loss.backward()
    """,
    "a sigmoid before one with logits": """
        net = nn.Linear(4, 1)
        p = torch.sigmoid(net(torch.rand(5, 4))).squeeze(1)
        loss = nn.BCEWithLogitsLoss()(p, torch.ones(5))  # ← loss
        loss.backward()
    """,
    "nll_loss without logarithms": """
        net = nn.Linear(4, 3)
        p = net(torch.rand(5, 4)).softmax(1)
        F.nll_loss(p, torch.tensor([0, 1, 2, 1, 0])).backward()  # ← loss
    """,
    "nan in the data": """
        x = torch.rand(6, 2)
        x[3, 1] = float("nan")
        model = nn.Linear(2, 1)
        out = model(x)  # ← not finite
        out.pow(2).mean().backward()
    """,
    "a target that requires grad, too, of another shape": """
        q, target = nn.Linear(2, 3), nn.Linear(2, 3)
        s = torch.rand(5, 2)
        value = q(s).gather(1, torch.zeros(5, 1, dtype=torch.long))
        goal = target(s).max(1).values
        F.mse_loss(value, goal).backward()  # ← broadcast
    """,
    "the deviation of a batch of one": """
        x = torch.rand(1, 4, requires_grad=True)
        spread = x.std(0)  # ← not finite
        ((x - x.mean(0)) / (spread + 1e-8)).sum().backward()
    """,
    "an infinity in the data": """
        x = torch.rand(6, 2)
        x[3, 1] = float("inf")
        out = nn.Linear(2, 1)(x)  # ← not finite
        out.pow(2).mean().backward()
    """,
}
