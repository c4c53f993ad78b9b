# Why loss.grad is None
import torch

w = torch.tensor(3.0, requires_grad=True)
loss = w**2
loss.backward()

# loss is computed, so its gradient was passed on, and
# dropped. Which one was it? Keep it, and see.
print("loss.grad =", loss.grad)
w.grad = None
loss = w**2
loss.retain_grad()
loss.backward()

# Where backward begins: d loss / d loss = 1.
print("loss.grad =", loss.grad.item())
print("w.grad =", w.grad.item())

# Begin with 10, and all of the pass is 10 times as large.
w.grad = None
loss = w**2
loss.backward(torch.tensor(10.0))
print("w.grad =", w.grad.item())
