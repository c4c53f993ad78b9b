# Vanishing gradients: each sigmoid leaves a quarter
import torch

x = torch.tensor(0.0, requires_grad=True)

# sigmoid is steepest at 0: its slope there is 0.25. Its
# value is 0.5, so - 0.5 is at 0 for the next layer again.
h = torch.sigmoid(x) - 0.5
h = torch.sigmoid(h)
h.backward()
print("2 layers:", x.grad.item())

# Ten layers: what leaves one of them enters the next.
g = torch.tensor(1.0)
for layer in range(10):
    x.grad = None
    torch.sigmoid(x).backward(g)
    g = x.grad

# Factors along a path multiply: 0.25 ** L.
print("10 layers:", g.item(), "=", 0.25**10)

# tanh has the slope 1 at 0.
x.grad = None
h = torch.tanh(torch.tanh(x))
h.backward()
print("tanh:", x.grad.item())
