# What zeroing must zero: every .grad, and only .grad
import torch

w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)

# 3w + b = 7: ∂w is 2 · 7 · 3 = 42, and ∂b is 2 · 7 = 14.
loss = (3 * w + b) ** 2
loss.backward()
print("first:", w.grad.item(), b.grad.item())

# The next pass, with w.grad zeroed and b forgotten.
w.grad.zero_()
loss = (3 * w + b) ** 2
loss.backward()
print("w alone:", w.grad.item(), b.grad.item())

# Each leaf has a .grad of its own: zero every one. The
# values of w and b are no gradients, and stay.
for leaf in (w, b):
    leaf.grad.zero_()
loss = (3 * w + b) ** 2
loss.backward()
print("both:", w.grad.item(), b.grad.item())
