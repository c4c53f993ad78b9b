"""Scripts with a planted mistake: `# ←` and the kind stand on the line that is to be named.

Each is what somebody might write, in few lines; none is written for one way of finding it.
"""

from __future__ import annotations

IMPORTS = "import torch\nfrom torch import nn\nF = nn.functional\ntorch.manual_seed(0)\n"

PLANTED = {
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
    "scores in place of logarithms of probabilities": """
        net = nn.Linear(3, 4)
        scores = net(torch.rand(8, 3))
        F.nll_loss(scores, torch.randint(0, 4, (8,))).backward()  # ← loss
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
    "a saved result changed behind autograd's back": """
        a = torch.zeros(2, requires_grad=True)
        s = torch.sigmoid(a)
        s.data.add_(1.0)  # ← silent write
        s.sum().backward()
    """,
    "requires_grad after the forward pass": """
        w = torch.ones(2)
        loss = (w * 3).sum()
        w.requires_grad_()  # ← error
        loss.backward()
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
    "a hook that changes a gradient": """
        w = torch.ones(2, requires_grad=True)
        h = w * 2
        h.register_hook(lambda g: g * 0)  # ← hook
        h.sum().backward()
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
    "nan in the data": """
        x = torch.rand(6, 2)
        x[3, 1] = float("nan")
        model = nn.Linear(2, 1)
        out = model(x)  # ← not finite
        out.pow(2).mean().backward()
    """,
    "a list of losses made into a tensor": """
        model = nn.Linear(2, 1)
        losses = [model(one).sum() for one in torch.rand(3, 2)]
        total = torch.tensor(losses, requires_grad=True).mean()  # ← leaf loss
        total.backward()
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
    "backward on a gradient": """
        x = torch.tensor(2.0, requires_grad=True)
        (x ** 3).backward()
        x.grad.backward()  # ← error
    """,
    "an accuracy that is made to require grad": """
        model = nn.Linear(2, 3)
        wrong = (model(torch.rand(6, 2)).argmax(1) != torch.zeros(6)).float().mean()
        wrong.requires_grad = True
        wrong.backward()  # ← leaf loss
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
    "a target that requires grad, too, of another shape": """
        q, target = nn.Linear(2, 3), nn.Linear(2, 3)
        s = torch.rand(5, 2)
        value = q(s).gather(1, torch.zeros(5, 1, dtype=torch.long))
        goal = target(s).max(1).values
        F.mse_loss(value, goal).backward()  # ← broadcast
    """,
    "the optimizer of another model": """
        a, b = nn.Linear(2, 1), nn.Linear(2, 1)
        opt = torch.optim.SGD(a.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            b(torch.rand(3, 2)).pow(2).mean().backward()
            opt.step()  # ← not stepped
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
    "the deviation of a batch of one": """
        x = torch.rand(1, 4, requires_grad=True)
        spread = x.std(0)  # ← not finite
        ((x - x.mean(0)) / (spread + 1e-8)).sum().backward()
    """,
    "frozen by a name that is misspelt": """
        net = nn.Linear(2, 1)
        for p in net.parameters():
            p.require_grad = False  # ← misspelt
        net(torch.rand(3, 2)).sum().backward()
    """,
    "an infinity in the data": """
        x = torch.rand(6, 2)
        x[3, 1] = float("inf")
        out = nn.Linear(2, 1)(x)  # ← not finite
        out.pow(2).mean().backward()
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
