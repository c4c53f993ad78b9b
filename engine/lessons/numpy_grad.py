# Mistake: .numpy() of a tensor that requires grad
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)

# numpy keeps no history: autograd would lose track.
try:
    w.numpy()
except RuntimeError as error:
    print(error)

# Right: leave the history behind first.
values = w.detach().numpy()
print("values =", values)

# It is w's own memory. To change it, take a copy.
copy = w.detach().numpy().copy()
copy += 1
print("w =", w.tolist())
