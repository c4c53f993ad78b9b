# Where paths meet, gradients add: y = x · x
import torch

x = torch.tensor(3.0, requires_grad=True)

# x is both factors: two edges lead from x into Mul.
y = x * x
y.backward()

# Back along each edge comes g times the other factor. The
# two meet at x, and add: that is the 2x of x².
print("x.grad =", x.grad.item())

# The same where two ways part at x and meet in out.
x.grad = None
a = 2 * x
b = 5 * x
out = a + b
out.backward()
print("x.grad =", x.grad.item())

# Gradients that add may cancel as well.
x.grad = None
out = x - x
out.backward()
print("x.grad =", x.grad.item())
