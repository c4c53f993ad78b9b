# Mistake: forgetting to zero. Gradients add up.
import torch

w = torch.tensor(1.0, requires_grad=True)

# The gradient of 3w is 3. But backward writes nothing
# over: it adds to what is there.
for i in range(2):
    loss = 3 * w
    loss.backward()
    print("pass", i, "w.grad =", w.grad.item())

# Right: take the old gradient away before each pass.
for i in range(2):
    w.grad = None
    loss = 3 * w
    loss.backward()
    print("pass", i, "w.grad =", w.grad.item())
