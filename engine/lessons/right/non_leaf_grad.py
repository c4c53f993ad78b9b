# Right: ask for the gradient before backward.
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 3
y.retain_grad()
loss = (y**2).sum()
loss.backward()

# Its gradient was passed on to x, and kept.
print("y.grad =", y.grad)
print("x.grad =", x.grad.tolist())
