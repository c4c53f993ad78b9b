# .data, .detach() and .numpy(): values without history
import torch

a = torch.ones(3, requires_grad=True)

# Computed from a, and from the values of a alone.
b = a + 2
c = a.data + 2
print("b.grad_fn =", b.grad_fn.name())
print("c.grad_fn =", c.grad_fn)

# Both share a's memory: neither of them is a copy.
values = a.detach()
print("shared:", values.data_ptr() == a.data_ptr())
print("shared:", a.data.data_ptr() == a.data_ptr())

# New values through .data: a stays a tracked leaf, and
# autograd's version counter does not see the write.
a.data = a.data + 2
print("a.requires_grad =", a.requires_grad)
print("a._version =", a._version)

# Today's way to change a leaf, seen by autograd:
with torch.no_grad():
    a += 2
print("a._version =", a._version)

# numpy knows no history: detach first.
try:
    a.numpy()
except RuntimeError as error:
    print(error)
print(a.detach().numpy())
