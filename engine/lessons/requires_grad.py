# requires_grad and grad_fn: made by you, or computed?
import torch

torch.manual_seed(0)

# A tensor you make is not tracked. It is a leaf.
a = torch.rand(2, 2)
print("a.requires_grad =", a.requires_grad)
print("a.grad_fn =", a.grad_fn)

# From here on autograd records what is done with it.
a.requires_grad_(True)

# Computed tensors know how they were made.
a = (a * a) / (a - 1)
print("a.grad_fn =", a.grad_fn.name())

# a * a uses a twice: two edges between the same nodes.
b = (a * a).sum()
print("b.grad_fn =", b.grad_fn.name())

# One tracked input is enough.
c = torch.rand(2, 2)
c = c - b
print("c.requires_grad =", c.requires_grad)

# Without history: less memory, when only values count.
with torch.no_grad():
    d = c * 2
print("d.requires_grad =", d.requires_grad)
print("d.grad_fn =", d.grad_fn)
