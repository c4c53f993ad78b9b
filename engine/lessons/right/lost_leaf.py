# Right: change the leaf itself, without history.
import torch

w = torch.tensor(1.0, requires_grad=True)
loss = w**2
loss.backward()

# w is still the leaf it was.
with torch.no_grad():
    w -= 0.1 * w.grad
w.grad = None
print("leaf:", w.is_leaf)

# and backward fills its .grad.
loss = w**2
loss.backward()
print("w.grad =", w.grad)
