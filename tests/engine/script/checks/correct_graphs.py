"""Correct scripts whose graphs seem to be cut, kept or run twice."""

from __future__ import annotations

GRAPHS = {
    "an attack on an input": """
        model = nn.Linear(3, 1)
        x = torch.rand(2, 3, requires_grad=True)
        for _ in range(3):
            model.zero_grad()
            model(x).sum().backward()
            x = x + 0.1 * x.grad.sign()
            x = x.detach().requires_grad_()
    """,
    "truncated backpropagation": """
        cell = nn.RNNCell(1, 2)
        state = torch.zeros(1, 2)
        opt = torch.optim.SGD(cell.parameters(), lr=0.1)
        for _ in range(4):
            state = cell(torch.rand(1, 1), state.detach())
            opt.zero_grad()
            state.sum().backward()
            opt.step()
    """,
    "losses added up before one backward": """
        w = torch.ones(2, requires_grad=True)
        for _ in range(3):
            total = 0
            for _ in range(3):
                total = total + (w * torch.rand(2)).sum()
            total.backward()
            w.grad = None
    """,
    "a sum of two losses for the log, computed anew": """
        d = nn.Linear(2, 1)
        opt = torch.optim.SGD(d.parameters(), lr=0.1)
        for _ in range(4):
            d.zero_grad()
            real = d(torch.rand(3, 2)).mean()
            real.backward()
            fake = d(torch.rand(3, 2)).mean()
            fake.backward()
            both = real + fake
            opt.step()
            print(both.item())
    """,
    "numbers of losses added up": """
        w = torch.ones(2, requires_grad=True)
        total = 0
        for _ in range(4):
            loss = (w * w).sum()
            loss.backward()
            w.grad = None
            total += loss.item()
    """,
    "an error that is expected and caught": """
        w = torch.ones(2, requires_grad=True)
        try:
            (w * 2).backward()
        except RuntimeError as error:
            print(error)
        s = torch.sigmoid(w)
        s += 1
        try:
            s.sum().backward()
        except RuntimeError as error:
            print(error)
    """,
    "a gradient penalty added up inside": """
        w = torch.ones(3, requires_grad=True)
        opt = torch.optim.SGD([w], lr=0.01)
        for _ in range(3):
            total = 0
            for _ in range(2):
                x = torch.rand(3, requires_grad=True)
                out = (w * x * x).sum()
                (g,) = torch.autograd.grad(out, x, create_graph=True)
                total = total + out + (g.norm() - 1) ** 2
            opt.zero_grad()
            total.backward()
            opt.step()
    """,
    "second derivatives": """
        x = torch.linspace(0, 1, 5, requires_grad=True)
        u = torch.sin(x)
        (ux,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        (uxx,) = torch.autograd.grad(ux.sum(), x, create_graph=True)
        (uxx + u).pow(2).mean().backward()
    """,
    "a hook that only looks": """
        w = torch.ones(2, requires_grad=True)
        h = w * 2
        h.register_hook(lambda g: print(g.norm()))
        h.sum().backward()
    """,
    "gradients as plain numbers": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            x = torch.rand(3, 2, requires_grad=True)
            (g,) = torch.autograd.grad(model(x).sum(), x)
            opt.zero_grad()
            model(x.detach() + 0.1 * g.sign()).pow(2).mean().backward()
            opt.step()
    """,
    "chosen rows of a table": """
        net, table = nn.Linear(2, 3), nn.Parameter(torch.rand(3, 2))
        opt = torch.optim.SGD([*net.parameters(), table], lr=0.1)
        for _ in range(3):
            score, best = net(torch.rand(4, 2)).max(1)
            opt.zero_grad()
            (table[best].sum(1) * score).mean().backward()
            opt.step()
    """,
    "gradients checked by differences": """
        def cube(x):
            y = x ** 3
            return y
        x = torch.rand(3, dtype=torch.double, requires_grad=True)
        print(torch.autograd.gradcheck(cube, x))
    """,
    "a Function that stops gradients, of which another way is left": """
        class Stop(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return x.clone()
            @staticmethod
            def backward(ctx, g): return None
        w = torch.rand(3, requires_grad=True)
        (w - 0.5 * Stop.apply(w)).pow(2).mean().backward()
    """,
    "derivatives of every order, and several losses of one graph": """
        x = torch.linspace(0.1, 1, 5, requires_grad=True)
        y = x.sin() * x.exp()
        for _ in range(5):
            (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        z = x ** 7
        for _ in range(5):
            x.grad = None
            z.sum().backward(create_graph=True)
            z = x.grad
        h = (x.detach().requires_grad_() * 3).tanh()
        for i in range(5):
            h[i].backward(retain_graph=True)
    """,
}
