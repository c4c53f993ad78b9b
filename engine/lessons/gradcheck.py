# Is a gradient right? Finite differences tell
import torch

x = torch.tensor(2.0, dtype=torch.float64)
x.requires_grad_()
y = x**3
y.backward()
print("autograd", x.grad.item())

# Move x a little both ways: how much does y move?
eps = 1e-3
with torch.no_grad():
    up = (x + eps) ** 3
    down = (x - eps) ** 3
    slope = (up - down) / (2 * eps)
print("difference", slope.item())

# torch.autograd.gradcheck does so, with ε = 1e-6. Only in
# float64: in float32 hardly a digit of y's move is left.
eps = 1e-6
a = torch.tensor(2.0)
slope = ((a + eps) ** 3 - (a - eps) ** 3) / (2 * eps)
print("float32", slope.item())
