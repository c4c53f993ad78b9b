# Right: .item() takes the number, and no history.
import torch

w = torch.tensor(2.0, requires_grad=True)

# Each iteration's graph goes with its loss.
total = 0.0
for i in range(3):
    loss = w**2
    loss.backward()
    total += loss.item()
print("total =", total)
