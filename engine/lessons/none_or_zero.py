# .grad is None: not reached. It is 0: reached, and flat
import torch

x = torch.tensor(-2.0, requires_grad=True)
w = torch.tensor(3.0, requires_grad=True)
v = torch.tensor(5.0, requires_grad=True)

# relu(-2) is 0, and flat there. v takes no part.
out = w * torch.relu(x)
out.backward()
print("x.grad =", x.grad.item())
print("w.grad =", w.grad.item())
print("v.grad =", v.grad)

# It matters: an update with weight decay moves a leaf
# whose .grad is 0, and leaves one alone that has None.
with torch.no_grad():
    for leaf in (x, v):
        if leaf.grad is not None:
            leaf -= 0.1 * (leaf.grad + 0.5 * leaf)
print("x =", x.item(), "v =", v.item())
