# Mistake: a write that autograd does not see
import torch

a = torch.tensor(0.0, requires_grad=True)

# sigmoid saves its result b: its gradient is b (1 - b),
# here 0.25. Through .data b changes unseen, the saved
# one with it, and 1.5 (1 - 1.5) is wrong. No error.
b = torch.sigmoid(a)
b.data += 1
print("version:", b._version)
b.backward()
print("wrong: a.grad =", a.grad.item())

# The same through numpy.
a.grad = None
b = torch.sigmoid(a)
b.detach().numpy()[...] += 1
b.backward()
print("wrong: a.grad =", a.grad.item())

# Right: a copy.
a.grad = None
b = torch.sigmoid(a)
c = b.detach().clone() + 1
b.backward()
print("right: a.grad =", a.grad.item())
