# Mistake: total += loss keeps every graph
import torch

w = torch.tensor(2.0, requires_grad=True)

# Only a number is wanted. But loss brings its history
# into total, and no iteration's graph can ever go.
total = 0.0
for i in range(3):
    loss = w**2
    loss.backward()
    total += loss
print("total =", total.item(), total.grad_fn.name())

# Right: .item() takes the number, and no history.
total = 0.0
for i in range(3):
    loss = w**2
    loss.backward()
    total += loss.item()
print("total =", total)
