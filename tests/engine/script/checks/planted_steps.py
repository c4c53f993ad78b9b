"""Planted mistakes in what optimizers step, and in the gradients that they find."""

from __future__ import annotations

STEPS = {
    "no zeroing, with an optimizer": """
        x, y = torch.rand(8, 1), torch.rand(8, 1)
        model = nn.Linear(1, 1)
        opt = torch.optim.Adam(model.parameters())
        for _ in range(4):
            F.mse_loss(model(x), y).backward()  # ← zeroing
            opt.step()
    """,
    "no zeroing, by hand": """
        w = torch.zeros(1, requires_grad=True)
        for _ in range(3):
            loss = (w - 2).pow(2).sum()
            loss.backward()  # ← zeroing
            with torch.no_grad():
                w -= 0.1 * w.grad
    """,
    "no zeroing, the old way": """
        w = torch.ones(2, requires_grad=True)
        for step in range(4):
            loss = (w * w).sum()
            loss.backward()  # ← zeroing
            w.data -= 0.01 * w.grad.data
    """,
    "layers in a plain list": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = [nn.Linear(2, 2) for _ in range(2)]
                self.head = nn.Linear(2, 1)
            def forward(self, x):
                for layer in self.layers:
                    x = layer(x).tanh()
                return self.head(x)
        net = Net()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            net(torch.rand(4, 2)).pow(2).mean().backward()
            opt.step()  # ← not stepped
    """,
    "leaves in a module's dict": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(2, 2)
                self.gains = {"out": torch.ones(2, requires_grad=True)}
            def forward(self, x):
                return self.fc(x) * self.gains["out"]
        net = Net()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            net(torch.rand(4, 2)).pow(2).mean().backward()
            opt.step()  # ← not stepped
    """,
    "a layer replaced after the optimizer was made": """
        def main():
            net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
            opt = torch.optim.Adam(net.parameters(), lr=0.01)
            net[2] = nn.Linear(4, 1)
            for _ in range(3):
                loss = net(torch.rand(5, 3)).pow(2).mean()
                net.zero_grad()
                loss.backward()
                opt.step()  # ← not stepped
        main()
    """,
    "zeroing between backward and step": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            model(torch.rand(4, 2)).pow(2).mean().backward()
            opt.zero_grad()
            opt.step()  # ← zeroed too early
    """,
    "a layer that forward leaves out": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.used, self.unused = nn.Linear(2, 1), nn.Linear(2, 1)
            def forward(self, x):
                return self.used(x)
        net = Net()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            net(torch.rand(4, 2)).sum().backward()
            opt.step()  # ← no gradient
    """,
    "an encoder cut off": """
        encoder, head = nn.Linear(3, 2), nn.Linear(2, 1)
        opt = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)
        for _ in range(3):
            code = encoder(torch.rand(5, 3)).detach()  # ← no gradient
            opt.zero_grad()
            head(code).pow(2).mean().backward()
            opt.step()
    """,
    "backward without brackets": """
        w = torch.ones(2, requires_grad=True)
        loss = (w * w).sum()
        loss.backward  # ← not called
        print(w.grad)
    """,
    "zero_grad without brackets": """
        model = nn.Linear(1, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        opt.zero_grad  # ← not called
        model(torch.rand(2, 1)).sum().backward()
        opt.step()
    """,
    "a layer that a loop over layers leaves out": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(4))
            def forward(self, x):
                for layer in self.layers[:-1]:
                    x = torch.tanh(layer(x))
                return x
        net = Net()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(5):
            opt.zero_grad()
            net(torch.rand(4, 3)).sum().backward()
            opt.step()  # ← no gradient
    """,
    "a weight that is no parameter": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.w = torch.rand(3, 1, requires_grad=True)
                self.b = nn.Parameter(torch.zeros(1))
        net = Net()
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            (torch.rand(4, 3) @ net.w + net.b).mean().backward()
            opt.step()  # ← not stepped
    """,
    "no step": """
        model = nn.Linear(1, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(4):
            opt.zero_grad()
            model(torch.rand(2, 1)).sum().backward()  # ← not stepped
    """,
    "another optimizer's step twice": """
        class Trainer:
            def __init__(self):
                self.a, self.b = nn.Linear(1, 2), nn.Linear(2, 1)
                self.first = torch.optim.SGD(self.a.parameters(), lr=0.1)
                self.second = torch.optim.SGD(self.b.parameters(), lr=0.1)
            def train(self):
                self.first.zero_grad()
                self.second.zero_grad()
                self.b(self.a(torch.rand(2, 1))).sum().backward()  # ← not stepped
                self.first.step()
                self.first.step()
        trainer = Trainer()
        for _ in range(4):
            trainer.train()
    """,
    "step without brackets": """
        model = nn.Linear(1, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        model(torch.rand(2, 1)).sum().backward()
        opt.step  # ← not called
    """,
    "clipping before unscaling": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        scaler = torch.amp.GradScaler("cpu")
        for _ in range(2):
            opt.zero_grad()
            scaler.scale(model(torch.rand(3, 2)).pow(2).mean()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # ← clipping
            scaler.step(opt)
            scaler.update()
    """,
    "clipping before backward": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            opt.zero_grad()
            loss = model(torch.rand(3, 2)).pow(2).mean()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # ← clipping
            loss.backward()
            opt.step()
    """,
    "the optimizer of another model": """
        a, b = nn.Linear(2, 1), nn.Linear(2, 1)
        opt = torch.optim.SGD(a.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            b(torch.rand(3, 2)).pow(2).mean().backward()
            opt.step()  # ← not stepped
    """,
    "an optimizer of a copy": """
        w = torch.rand(3, requires_grad=True)
        opt = torch.optim.SGD([w.detach().clone().requires_grad_()], lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            (w - 1).pow(2).sum().backward()
            opt.step()  # ← no gradient
    """,
    "a Function that returns nothing": """
        class Twice(torch.autograd.Function):  # ← no gradient
            @staticmethod
            def forward(ctx, x):
                return x * 2
            @staticmethod
            def backward(ctx, g):
                g * 2
        w = torch.ones(2, requires_grad=True)
        Twice.apply(w).sum().backward()
    """,
    "a Function that returns None alone": """
        class Twice(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return x * 2
            @staticmethod
            def backward(ctx, g: torch.Tensor): return None  # ← no gradient
        net = nn.Linear(3, 2)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            Twice.apply(net(torch.rand(4, 3))).sum().backward()
            opt.step()
    """,
    "layers in a list of their own": """
        layers, head = [nn.Linear(3, 4), nn.Linear(4, 4)], nn.Linear(4, 1)
        opt = torch.optim.SGD(head.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            head(layers[1](layers[0](torch.rand(5, 3)).tanh())).pow(2).mean().backward()
            opt.step()  # ← not stepped
    """,
}
