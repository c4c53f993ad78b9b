"""Planted mistakes in graphs: leaves that are lost, graphs that are kept, memory that is shared."""

from __future__ import annotations

GRAPHS = {
    "a loss wrapped anew": """
        model = nn.Linear(2, 1)
        loss = model(torch.rand(4, 2)).mean()
        loss = torch.tensor(loss.item(), requires_grad=True)
        loss.backward()  # ← leaf loss
    """,
    "a leaf moved to another dtype": """
        w = torch.randn(3, requires_grad=True).double()  # ← lost leaf
        for _ in range(2):
            loss = (w * w).sum()
            loss.backward()
    """,
    "a leaf reshaped at once": """
        w = torch.zeros(4, requires_grad=True).view(2, 2)  # ← lost leaf
        (w + 1).sum().backward()
    """,
    "an update that loses the leaf": """
        w = torch.tensor(1.0, requires_grad=True)
        for _ in range(2):
            loss = w ** 2
            loss.backward()
            w = w - 0.1 * w.grad  # ← lost leaf
            break
        print(w)
    """,
    "an update under no_grad that loses it": """
        w = torch.tensor(1.0, requires_grad=True)
        loss = w ** 2
        loss.backward()
        with torch.no_grad():
            w = w - 0.1 * w.grad  # ← lost leaf
    """,
    "the losses of all passes added up": """
        model = nn.Linear(1, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        total = 0
        for _ in range(4):
            loss = model(torch.rand(5, 1)).pow(2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss  # ← kept graph
        print(total)
    """,
    "the same with another name": """
        w = torch.ones(3, requires_grad=True)
        running = torch.zeros(())
        for _ in range(4):
            error = (w * torch.rand(3)).sum()
            error.backward()
            w.grad = None
            running = running + error  # ← kept graph
    """,
    "a saved result changed behind autograd's back": """
        a = torch.zeros(2, requires_grad=True)
        s = torch.sigmoid(a)
        s.data.add_(1.0)  # ← silent write
        s.sum().backward()
    """,
    "two leaves in one memory": """
        w = torch.ones(2, requires_grad=True)
        v = w.detach().requires_grad_()
        opt = torch.optim.SGD([w, v], lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            (w.sum() + (2 * v).sum()).backward()
            opt.step()  # ← one memory
    """,
    "a hook that changes a gradient": """
        w = torch.ones(2, requires_grad=True)
        h = w * 2
        h.register_hook(lambda g: g * 0)  # ← hook
        h.sum().backward()
    """,
    "a list of losses made into a tensor": """
        model = nn.Linear(2, 1)
        losses = [model(one).sum() for one in torch.rand(3, 2)]
        total = torch.tensor(losses, requires_grad=True).mean()  # ← leaf loss
        total.backward()
    """,
    "an accuracy that is made to require grad": """
        model = nn.Linear(2, 3)
        wrong = (model(torch.rand(6, 2)).argmax(1) != torch.zeros(6)).float().mean()
        wrong.requires_grad = True
        wrong.backward()  # ← leaf loss
    """,
    "frozen by a name that is misspelt": """
        net = nn.Linear(2, 1)
        for p in net.parameters():
            p.require_grad = False  # ← misspelt
        net(torch.rand(3, 2)).sum().backward()
    """,
    "a hidden state that keeps all graphs": """
        cell = nn.RNNCell(2, 3)
        h = torch.zeros(1, 3)
        for _ in range(5):
            h = cell(torch.rand(1, 2), h)
            loss = h.pow(2).sum()
            loss.backward(retain_graph=True)  # ← kept graph
    """,
    "backward on the sum of all losses so far": """
        w, total = torch.rand(3, requires_grad=True), 0.0
        for _ in range(5):
            total += (w * torch.rand(3)).sum()
            total.backward(retain_graph=True)  # ← kept graph
            with torch.no_grad():
                w -= 0.01 * w.grad
            w.grad.zero_()
    """,
}
