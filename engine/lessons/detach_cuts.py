# Cutting with detach: u = y.detach(); z = u · x
import torch

x = torch.tensor(3.0, requires_grad=True)
y = x * x

# u has the value of y, 9, and none of its history.
u = y.detach()
z = u * x
z.backward()

# To the pass u was a number like any other: ∂z/∂x = u.
print("cut: x.grad =", x.grad.item())

# y itself still has its history: detach cut only u off.
x.grad = None
z = y * x
z.backward()
print("whole: x.grad =", x.grad.item())
