"""Correct scripts whose optimizer, or whose parameters, seem to miss something."""

from __future__ import annotations

STEPS = {
    "gradients accumulated on purpose": """
        model = nn.Linear(1, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for i in range(6):
            loss = model(torch.rand(3, 1)).pow(2).mean() / 2
            loss.backward()
            if i % 2:
                opt.step()
                opt.zero_grad()
    """,
    "two losses and two optimizers": """
        g, d = nn.Linear(2, 2), nn.Linear(2, 1)
        og = torch.optim.SGD(g.parameters(), lr=0.1)
        od = torch.optim.SGD(d.parameters(), lr=0.1)
        for _ in range(4):
            fake = g(torch.rand(3, 2))
            od.zero_grad()
            d(torch.rand(3, 2)).mean().backward()
            d(fake.detach()).mean().backward()
            od.step()
            og.zero_grad()
            d(fake).mean().backward()
            og.step()
    """,
    "frozen layers": """
        model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
        for p in model[0].parameters():
            p.requires_grad_(False)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            model(torch.rand(4, 2)).sum().backward()
            opt.step()
        for p in model.parameters():
            if p.grad is not None:
                print(p.grad.norm().item())
    """,
    "shared weights": """
        one = nn.Linear(2, 2)
        model = nn.Sequential(one, nn.Tanh(), one)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            model(torch.rand(3, 2)).sum().backward()
            opt.step()
    """,
    "only a part is trained": """
        encoder, decoder = nn.Linear(3, 2), nn.Linear(2, 3)
        opt = torch.optim.Adam(encoder.parameters(), lr=0.01)
        x = torch.rand(6, 3)
        for _ in range(3):
            loss = F.mse_loss(decoder(encoder(x)), x)
            opt.zero_grad()
            decoder.zero_grad()
            loss.backward()
            opt.step()
    """,
    "clipping after unscaling": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        scaler = torch.amp.GradScaler("cpu")
        for _ in range(2):
            opt.zero_grad()
            scaler.scale(model(torch.rand(3, 2)).pow(2).mean()).backward()
            scaler.unscale_(opt)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(opt)
            scaler.update()
    """,
    "a target network that follows": """
        online, target = nn.Linear(2, 1), nn.Linear(2, 1)
        opt = torch.optim.SGD(online.parameters(), lr=0.1)
        for _ in range(3):
            with torch.no_grad():
                goal = target(torch.rand(4, 2))
            opt.zero_grad()
            F.mse_loss(online(torch.rand(4, 2)), goal).backward()
            opt.step()
            with torch.no_grad():
                for a, b in zip(target.parameters(), online.parameters()):
                    a.mul_(0.9).add_(b, alpha=0.1)
    """,
    "LBFGS with a closure": """
        w = torch.zeros(2, requires_grad=True)
        opt = torch.optim.LBFGS([w], max_iter=3)
        def closure():
            opt.zero_grad()
            loss = (w - 1).pow(2).sum()
            loss.backward()
            return loss
        for _ in range(2):
            opt.step(closure)
    """,
    "weights read before and after": """
        w = torch.ones(2, requires_grad=True)
        best = None
        for _ in range(3):
            loss = (w - 3).pow(2).sum()
            loss.backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
            w.grad.zero_()
            best = w.detach().clone()
        w = best
    """,
    "loops over parameters and tensors": """
        w = torch.tensor([1.0], requires_grad=True)
        h = w * 2
        h.retain_grad()
        h.sum().backward()
        for t in (w, h):
            print(t.grad)
        del h
        for p in nn.Linear(2, 1).parameters():
            print(p.grad)
    """,
    "clipping at the beginning of the pass, with the last gradients": """
        model = nn.Linear(2, 1)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        model(torch.rand(3, 2)).sum().backward()
        for _ in range(2):
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
            model(torch.rand(3, 2)).sum().backward()
    """,
    "parameters that are parts of one vector": """
        model = nn.Linear(2, 1)
        vector = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        nn.utils.vector_to_parameters(vector, model.parameters())
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            model(torch.rand(4, 2)).pow(2).mean().backward()
            opt.step()
    """,
    "a function that clips, and attributes with names of their own": """
        class Settings:
            require_grad = False
        def clip(model):
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        settings = Settings()
        settings.require_grad = True
        model = nn.Linear(2, 1).requires_grad_(settings.require_grad)
        opt = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            model(torch.rand(4, 2)).pow(2).mean().backward()
            clip(model)
            opt.step()
    """,
    "a leaf that is a tensor already, and one net of several that is trained": """
        scale = torch.ones(2, requires_grad=True)
        nets = {"fixed": nn.Linear(2, 2), "trained": nn.Linear(2, 2)}
        opt = torch.optim.SGD(nets["trained"].parameters(), lr=0.1)
        for _ in range(3):
            opt.zero_grad()
            x = torch.rand(4, 2)
            hidden = nets["fixed"](nets["trained"](x)) * torch.as_tensor(scale)
            (hidden - x).pow(2).mean().backward()
            opt.step()
    """,
    "a loss of layers in a list, a step that zeroes, and a gradient handed over": """
        class Descent(torch.optim.Optimizer):
            @torch.no_grad()
            def step(self):
                for p in self.param_groups[0]["params"]:
                    p -= 0.1 * p.grad
                self.zero_grad()
        class Times(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, weight):
                ctx.save_for_backward(x)
                ctx.weight = weight
                return x @ weight.detach()
            @staticmethod
            def backward(ctx, grad):
                (x,) = ctx.saved_tensors
                ctx.weight.grad = x.T @ grad
                return None, None
        features = [nn.Linear(2, 3), nn.Linear(3, 3)]
        net, weight = nn.Linear(2, 2), torch.rand(3, 1, requires_grad=True)
        opt = Descent(net.parameters(), {})
        for _ in range(3):
            seen = features[1](features[0](net(torch.rand(4, 2))))
            x = torch.rand(4, 3, requires_grad=True)
            (seen.mean() + Times.apply(x, weight).mean()).backward()
            opt.step()
    """,
    "data that are kept in a module, and an optimizer for what comes later": """
        class Pinn(nn.Module):
            def __init__(self):
                super().__init__()
                self.t = torch.rand(8, 1, requires_grad=True)
                self.net = nn.Linear(1, 1)
            def loss(self):
                u = self.net(self.t)
                (du,) = torch.autograd.grad(u.sum(), self.t, create_graph=True)
                return (du - u).pow(2).mean()
        pinn = Pinn()
        opt = torch.optim.Adam(pinn.net.parameters())
        later = torch.optim.LBFGS(pinn.net.parameters())
        for _ in range(4):
            opt.zero_grad()
            pinn.loss().backward()
            opt.step()
    """,
    "two heads of three, and layers that are dropped": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(4))
                self.heads = nn.ModuleList(nn.Linear(3, 1) for _ in range(3))
            def forward(self, x, skipped):
                for at, layer in enumerate(self.layers):
                    x = x if at in (3, skipped) else x + torch.tanh(layer(x))
                return self.heads[0](x) - self.heads[1](x)
        net = Net()
        opt = torch.optim.SGD(net.parameters(), lr=0.01)
        for step in range(5):
            opt.zero_grad()
            net(torch.rand(4, 3), step % 3).sum().backward()
            opt.step()
    """,
    "experts that no row was sent to, and a task that has not come yet": """
        class Mixture(nn.Module):
            def __init__(self):
                super().__init__()
                self.gate = nn.Linear(4, 8)
                self.experts = nn.ModuleList(
                    nn.Sequential(nn.Linear(4, 4), nn.GELU()) for _ in range(8)
                )
            def forward(self, x):
                weight, best = self.gate(x).softmax(-1).max(-1)
                rows = [weight[i] * self.experts[int(best[i])](x[i]) for i in range(len(x))]
                return torch.stack(rows)
        net, heads = Mixture(), nn.ModuleDict({name: nn.Linear(4, 1) for name in "abc"})
        opt = torch.optim.SGD([*net.parameters(), *heads.parameters()], lr=0.1)
        for task in "aba":
            opt.zero_grad()
            heads[task](net(torch.rand(2, 4))).pow(2).mean().backward()
            opt.step()
    """,
    "a hook that masks the frozen rows of a table, and only these were looked up": """
        table, mask = nn.Embedding(10, 4), torch.ones(10, 1)
        mask[:8] = 0
        table.weight.register_hook(lambda grad: grad * mask)
        table(torch.tensor([1, 5, 1])).pow(2).mean().backward()
    """,
}
