# Mistake: w = w - … with history. w is a leaf no more.
import torch

w = torch.tensor(1.0, requires_grad=True)
loss = w**2
loss.backward()

# No error here. But which tensor is w from now on?
w = w - 0.1 * w.grad
print("leaf:", w.is_leaf)

# A computed one, and backward fills .grad of leaves only.
loss = w**2
loss.backward()
print("w.grad =", w.grad)

# Right: change the leaf itself, without history.
w = torch.tensor(1.0, requires_grad=True)
loss = w**2
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad
print("leaf:", w.is_leaf, "w.grad =", w.grad.item())
