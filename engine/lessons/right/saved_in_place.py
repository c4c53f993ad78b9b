# Right: a new tensor; the saved one stays as it is.
import torch

a = torch.tensor(0.0, requires_grad=True)

# sigmoid saves its result b: its gradient is b (1 - b).
b = torch.sigmoid(a)
c = b + 1
c.backward()
print("a.grad =", a.grad.item())
