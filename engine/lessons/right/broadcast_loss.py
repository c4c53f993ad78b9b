# Right: the same shape for both.
import torch

w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor([[1.0], [3.0]])
y = torch.tensor([2.0, 6.0])

# y = 2x and w = 2: the fit is perfect, and the loss 0.
y_hat = w * x
error = y_hat - y.reshape(2, 1)
loss = (error**2).mean()
loss.backward()
print("shape", list(error.shape), "loss", loss.item())
print("w.grad =", w.grad.item())
