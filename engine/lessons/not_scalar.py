# Mistake: backward on more than one number
import torch

x = torch.arange(4.0, requires_grad=True)
z = x**2

# The gradient of which of the four? Autograd cannot know.
try:
    z.backward()
except RuntimeError as error:
    print(error)

# Right: make one number of them.
z.mean().backward()
print("x.grad =", x.grad.tolist())

# Or say how much each counts: the same as the mean.
x.grad = None
z = x**2
z.backward(torch.ones_like(z) / 4)
print("x.grad =", x.grad.tolist())
