# Right: write into a copy
import torch

a = torch.tensor(0.0, requires_grad=True)

# sigmoid saves its result b: its gradient is b (1 - b),
# here 0.25. A copy may change as it likes.
b = torch.sigmoid(a)
c = b.detach().clone()
c += 1
print("version:", b._version)
b.backward()
print("right: a.grad =", a.grad.item())

# The same through numpy.
a.grad = None
b = torch.sigmoid(a)
c = b.detach().numpy().copy()
c[...] += 1
b.backward()
print("right: a.grad =", a.grad.item())
