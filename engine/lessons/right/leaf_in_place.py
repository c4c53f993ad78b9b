# Right: change a leaf without history.
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w**2).sum()
loss.backward()

# w stays the same leaf.
with torch.no_grad():
    w -= 0.1 * w.grad
print("w =", w.tolist(), "leaf:", w.is_leaf)
