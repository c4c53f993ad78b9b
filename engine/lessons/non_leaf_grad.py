# Mistake: reading .grad of a computed tensor
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 3
loss = (y**2).sum()
loss.backward()

# Its gradient was passed on to x, and dropped.
print("y.grad =", y.grad)
print("x.grad =", x.grad.tolist())

# Right: ask for it before backward.
y = x * 3
y.retain_grad()
loss = (y**2).sum()
loss.backward()
print("y.grad =", y.grad.tolist())
