# Vanishing gradients: each sigmoid leaves a quarter
import torch

x = torch.tensor(0.0, requires_grad=True)

# sigmoid is steepest at 0: its slope there is 0.25. Its
# value is 0.5, so - 0.5 is at 0 for the next layer again.
h = x
for layer in range(4):
    h = torch.sigmoid(h) - 0.5
h.backward()

# Factors along a path multiply: so it is 0.25 ** L.
print("x.grad =", x.grad.item(), "=", 0.25**4)

# tanh has the slope 1 at 0.
x.grad = None
h = x
for layer in range(4):
    h = torch.tanh(h)
h.backward()
print("x.grad =", x.grad.item())
