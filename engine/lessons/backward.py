# The worked example: o = mean(z), z = 3(x + 2)²
import torch

x = torch.arange(4.0).reshape(2, 2)
x.requires_grad_()

# Forward: each line adds a node to the graph.
y = x + 2
z = 3 * y**2
out = z.mean()
print("out =", out.item())

# Backward: step into it with s, node by node.
out.backward()
print("x.grad =", x.grad.tolist())

# Backward changed x.grad, not x. A second pass adds up.
out = (3 * (x + 2) ** 2).mean()
out.backward()
print("twice:", x.grad.tolist())

# So zero it first. Then the figures are right again.
x.grad.zero_()
z = 3 * (x + 2) ** 2

# z is no scalar: say how much each element counts.
z.backward(torch.ones_like(z) / 4)
print("again:", x.grad.tolist())
