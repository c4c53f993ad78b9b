# Linear regression by hand: y = 3x + 0.8 from 50 points
import torch

torch.manual_seed(0)
x = torch.rand(50, 1)
y = 3 * x + 0.8
w = torch.rand(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
learning_rate = 0.01

# Here 3 iterations; the Train tab runs all 5,000.
for i in range(3):
    # predict
    y_hat = x @ w + b
    # the loss: a mean of squares, so its gradient has 2/m
    loss = ((y - y_hat) ** 2).mean()
    # gradients add up: zero the old ones
    if w.grad is not None:
        w.grad.zero_()
        b.grad.zero_()
    # backward
    loss.backward()
    # update, without history (the old way: w.data -= …)
    with torch.no_grad():
        w -= learning_rate * w.grad
        b -= learning_rate * b.grad
    print(i, w.item(), b.item(), loss.item())

# Autograd's w.grad is -2/m Σ (y - ŷ)·x. The formula with
# 1/m, seen in textbooks, belongs to half of this loss.
formula = -2 * ((y - y_hat.detach()) * x).mean()
print(f"autograd {w.grad.item():.5f} formula {formula:.5f}")
