# Right: a new forward pass makes a new graph.
import torch

x = torch.tensor(3.0, requires_grad=True)
y = x**2

# The first pass frees what the graph had saved.
y.backward()
x.grad = None
y = x**2
y.backward()
print("x.grad =", x.grad.item())
