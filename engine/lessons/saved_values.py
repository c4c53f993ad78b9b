# What an op saves, and what may still change in place
import torch

w = torch.tensor(3.0, requires_grad=True)

# w + 1 saves nothing: its derivative is 1 everywhere.
y = w + 1
y += 10
y.backward()
print("add:", w.grad.item())

# w**2 saves w, for its derivative 2w.
w.grad = None
y = w**2
y += 10
y.backward()
print("pow:", w.grad.item())

# exp saves its result, which is its own derivative.
w.grad = None
y = torch.exp(w)
y += 10
try:
    y.backward()
except RuntimeError as error:
    print(error)

# Right: y = y + 10 leaves the saved tensor as it is.
y = torch.exp(w)
y = y + 10
y.backward()
print("exp:", w.grad.item())
