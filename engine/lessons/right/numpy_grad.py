# Right: leave the history behind first.
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)

# .detach() is the same memory without history.
values = w.detach()
print("values =", values.numpy())
