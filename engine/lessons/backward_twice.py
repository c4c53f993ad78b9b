# Mistake: backward twice through one graph
import torch

x = torch.tensor(3.0, requires_grad=True)
y = x**2

# The first pass frees what the graph had saved.
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print(error)

# Right: a new forward pass makes a new graph.
x.grad = None
y = x**2
y.backward()
print("x.grad =", x.grad.item())

# Or keep the graph; the second pass then adds up.
y = x**2
y.backward(retain_graph=True)
y.backward()
print("x.grad =", x.grad.item())
