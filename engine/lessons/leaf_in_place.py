# Mistake: changing a leaf in place
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w**2).sum()
loss.backward()

# With history, w would be computed from itself.
try:
    w -= 0.1 * w.grad
except RuntimeError as error:
    print(error)

# Right: without history. w stays the same leaf.
with torch.no_grad():
    w -= 0.1 * w.grad
print("w =", w.tolist(), "leaf:", w.is_leaf)
