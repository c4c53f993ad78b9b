# An op of your own: a Function with its backward
import torch


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        # what backward will need
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        # the gradient in, times the derivative
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


x = torch.tensor(2.0, requires_grad=True)
y = Cube.apply(x)
z = 5 * y
z.backward()
print("x.grad =", x.grad.item())

# The same of torch's own ops: Pow and Mul.
x.grad = None
z = 5 * x**3
z.backward()
print("x.grad =", x.grad.item())
