# Leaf or computed, requires_grad or not: who has .grad?
import torch

# You made both: leaves. Only w requires grad.
a = torch.tensor(2.0)
w = torch.tensor(3.0, requires_grad=True)

# Computed, but of nothing that requires grad.
c = a * 2
print("c:", c.is_leaf, c.requires_grad, c.grad_fn)

# Computed of w: no leaves. z is told to keep its .grad.
y = w * c
z = y * 5
z.retain_grad()
out = z * a
out.backward()

# .grad is there for leaves that require grad, and for
# what was told to keep it. y has none: it passed it on.
print("a.grad =", a.grad)
print("w.grad =", w.grad.item())
print("y keeps its .grad:", y.retains_grad)
print("z.grad =", z.grad.item())
