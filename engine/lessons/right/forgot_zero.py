# Right: take the old gradient away before each pass.
import torch

w = torch.tensor(1.0, requires_grad=True)

# The gradient of 3w is 3, in every pass.
for i in range(2):
    w.grad = None
    loss = 3 * w
    loss.backward()
    print("pass", i, "w.grad =", w.grad.item())
