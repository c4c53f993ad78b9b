"""Scripts with a planted mistake: `# ←` and the kind stand on the line that is to be named.

Each is what somebody might write, in few lines; none is written for one way of finding it.
"""

from __future__ import annotations

from tests.engine.script.checks.planted_graphs import GRAPHS
from tests.engine.script.checks.planted_numbers import NUMBERS
from tests.engine.script.checks.planted_steps import STEPS

IMPORTS = "import torch\nfrom torch import nn\nF = nn.functional\ntorch.manual_seed(0)\n"

ERRORS = {
    "grad mode switched off for good": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        def evaluate(x):
            torch.set_grad_enabled(False)  # ← error
            return model(x).mean().item()
        for _ in range(2):
            evaluate(torch.rand(3, 2))
            loss = model(torch.rand(4, 2)).pow(2).mean()
            loss.backward()
            opt.step()
    """,
    "features from a function under no_grad": """
        net, head = nn.Linear(3, 2), nn.Linear(2, 1)
        def features(x):
            with torch.no_grad():  # ← error
                return net(x)
        loss = features(torch.rand(4, 3)).pow(2).mean()
        loss.backward()
    """,
    "in place on what sigmoid saved": """
        a = torch.zeros(3, requires_grad=True)
        s = torch.sigmoid(a)
        s += 1  # ← error
        s.sum().backward()
    """,
    "in place by a method": """
        a = torch.zeros(3, requires_grad=True)
        t = torch.exp(a)
        u = t * 2
        t.mul_(2)  # ← error
        u.sum().backward()
        t.sum().backward()
    """,
    "a part written": """
        a = torch.ones(4, requires_grad=True)
        b = a * 2
        c = b * b
        b[0] = 5.0  # ← error
        c.sum().backward()
    """,
    "a parameter stepped between forward and backward": """
        a, b = nn.Linear(2, 2), nn.Linear(2, 1)
        opt_b = torch.optim.SGD(b.parameters(), lr=0.1)
        x = torch.rand(4, 2)
        out = b(a(x))
        one, two = out.mean(), out.pow(2).mean()
        one.backward(retain_graph=True)
        opt_b.step()  # ← error
        two.backward()
    """,
    "hidden state carried on": """
        cell = nn.RNNCell(1, 2)
        state = torch.zeros(1, 2)
        for step in range(3):
            state = cell(torch.rand(1, 1), state)
            loss = state.pow(2).sum()
            loss.backward()  # ← error
    """,
    "backward twice": """
        w = torch.ones(2, requires_grad=True)
        loss = w.exp().sum()
        loss.backward()
        print(w.grad)
        loss.backward()  # ← error
    """,
    "an input that is not used": """
        x = torch.rand(3, requires_grad=True)
        t = torch.rand(3, requires_grad=True)
        u = (x * x).sum()
        torch.autograd.grad(u, [x, t])  # ← error
    """,
    "training under a decorator": """
        model = nn.Linear(2, 1)
        @torch.no_grad()  # ← error
        def train(x):
            loss = model(x).mean()
            loss.backward()
        train(torch.rand(3, 2))
    """,
    "a pass in a hook": """
        def hook(g):
            u = torch.full((2,), 3.0, requires_grad=True)
            (u * u).sum().backward()  # ← error
            return g * u.grad
        w = torch.ones(2, requires_grad=True)
        w.register_hook(hook)
        w.sum().backward()
    """,
    "a pass in the forward of a Function": """
        class Double(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                y = x.detach().requires_grad_()
                (y * y).sum().backward()  # ← error
                return x * 2
        w = torch.ones(2, requires_grad=True)
        Double.apply(w).sum().backward()
    """,
    "training in a block": """
        model = nn.Linear(2, 1)
        x = torch.rand(3, 2)
        with torch.no_grad():  # ← error
            loss = model(x).mean()
            loss.backward()
    """,
    "training under inference_mode": """
        model = nn.Linear(2, 1)
        with torch.inference_mode():  # ← error
            model(torch.rand(3, 2)).mean().backward()
    """,
    "argmax in the way": """
        model = nn.Linear(2, 3)
        scores = model(torch.rand(4, 2))
        best = scores.argmax(1)  # ← error
        loss = (best.float() - 1).pow(2).mean()
        loss.backward()
    """,
    "detach in the way": """
        model = nn.Linear(2, 1)
        out = model(torch.rand(4, 2)).detach()  # ← error
        loss = (out - 1).pow(2).mean()
        loss.backward()
    """,
    "data in the way": """
        w = torch.ones(3, requires_grad=True)
        x = w.data * 2  # ← error
        x.sum().backward()
    """,
    "a Function with too few gradients": """
        class Scale(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, factor):
                ctx.factor = factor
                return x * factor
            @staticmethod
            def backward(ctx, g):
                return g * ctx.factor  # ← error
        w = torch.ones(2, requires_grad=True)
        Scale.apply(w, 3.0).sum().backward()
    """,
    "float64 data": """
        import numpy as np
        data = torch.from_numpy(np.random.rand(5, 2))
        model = nn.Linear(2, 1)
        model(data)  # ← error
    """,
    "float64 data in a product": """
        w = torch.zeros(2, 1, requires_grad=True)
        table = torch.rand(4, 2, dtype=torch.float64)
        out = table @ w  # ← error
    """,
    "shapes that do not fit": """
        net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(2, 1))
        batch = torch.rand(5, 4)
        net(batch)  # ← error
    """,
    "inference tensors in training": """
        with torch.inference_mode():
            features = torch.rand(3, 2) * 2
        model = nn.Linear(2, 1)
        model(features).sum().backward()  # ← error
    """,
    "requires_grad after the forward pass": """
        w = torch.ones(2)
        loss = (w * 3).sum()
        w.requires_grad_()  # ← error
        loss.backward()
    """,
    "class numbers as floats": """
        labels = torch.tensor([0.0, 1.0])
        F.cross_entropy(nn.Linear(2, 3)(torch.rand(2, 2)), labels)  # ← error
    """,
    "classes counted from 1": """
        labels = torch.tensor([1, 2, 3])
        F.cross_entropy(nn.Linear(2, 3)(torch.rand(3, 2)), labels)  # ← error
    """,
    "no sigmoid before binary_cross_entropy": """
        out = nn.Linear(2, 1)(torch.full((5, 2), 99.0))
        nn.BCELoss()(out, torch.ones(5, 1))  # ← error
    """,
    "a word that the table does not have": """
        table = nn.Embedding(10, 3)
        table(torch.tensor([[1, 10]]))  # ← error
    """,
    "the same without asking for gradients": """
        a = torch.tensor(1.0, requires_grad=True)
        both = torch.tensor([a, a * 2])  # ← error
        both.sum().backward()
    """,
    "a second derivative without create_graph": """
        x = torch.tensor(2.0, requires_grad=True)
        (dy,) = torch.autograd.grad(x ** 3, x)  # ← error
        torch.autograd.grad(dy * 2, x)
    """,
    "a second derivative of what is linear": """
        x = torch.tensor(2.0, requires_grad=True)
        (dy,) = torch.autograd.grad(x * 3, x, create_graph=True)  # ← error
        torch.autograd.grad(dy * 2, x)
    """,
    "backward on a gradient": """
        x = torch.tensor(2.0, requires_grad=True)
        (x ** 3).backward()
        x.grad.backward()  # ← error
    """,
    "a checkpoint that is given data": """
        from torch.utils.checkpoint import checkpoint
        model = nn.Linear(2, 2)
        y = checkpoint(model, torch.rand(3, 2), use_reentrant=True)  # ← error
        y.sum().backward()
    """,
    "a hidden state carried on with retain_graph": """
        w = torch.ones(3, requires_grad=True)
        h = torch.ones(3)
        opt = torch.optim.SGD([w], lr=0.1)
        for _ in range(3):
            h = torch.tanh(h * w)
            opt.zero_grad()
            h.sum().backward(retain_graph=True)  # ← error
            opt.step()
    """,
    "written by a step, whatever sets .grad after it": """
        w = torch.ones(2, requires_grad=True)
        opt = torch.optim.SGD([w], lr=0.1)
        w.sum().backward()
        opt.step()
        loss = (w * w).sum()
        opt.step()  # ← error
        opt.zero_grad()
        loss.backward()
    """,
    "a Function that has saved nothing": """
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * x
            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors  # ← error
                return 2 * x * g
        w = torch.ones(2, requires_grad=True)
        Square.apply(w).sum().backward()
    """,
    "in place on what a Function saved": """
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x
            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 2 * x * g
        w = torch.ones(2, requires_grad=True)
        h = w * 3
        y = Square.apply(h)
        h += 1  # ← error
        y.sum().backward()
    """,
    "where the largest are": """
        w = torch.rand(5, requires_grad=True)
        values, places = torch.topk(w, 2)  # ← error
        places.float().mean().backward()
    """,
    "anomaly mode": """
        x = torch.zeros(2, requires_grad=True)
        root = x.sqrt()  # ← error
        with torch.autograd.set_detect_anomaly(True):
            (root * 0).sum().backward()
    """,
    "an activation in place": """
        a = torch.rand(3, requires_grad=True)
        act = nn.ReLU(inplace=True)
        t = torch.tanh(a)
        y = act(t)  # ← error
        y.sum().backward()
    """,
}
"""Calls that torch refuses, and passes that fail."""
PLANTED = {**NUMBERS, **STEPS, **GRAPHS, **ERRORS}
