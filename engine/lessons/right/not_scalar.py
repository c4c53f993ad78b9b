# Right: make one number of them.
import torch

x = torch.arange(4.0, requires_grad=True)
z = x**2

# The mean is one number: each of the four counts 1/4.
z.mean().backward()
print("x.grad =", x.grad.tolist())
