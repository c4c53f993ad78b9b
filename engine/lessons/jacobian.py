# backward(v) is v @ J: the rows of the Jacobian, weighed
import torch
from torch.autograd import grad

A = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = A @ x**2

# The full Jacobian. Row i is ∂y[i]/∂x: a pass for each.
J = torch.zeros(3, 2)
for i in range(3):
    (J[i],) = grad(y[i], x, retain_graph=True)
print("J =", J.tolist())

# v says how much each y[i] counts. One pass is enough,
# and J itself is never made.
v = torch.tensor([1.0, 0.0, 2.0])
y.backward(v)
print("x.grad =", x.grad.tolist())
print("v @ J =", (v @ J).tolist())
