# Two ranks: whose mean is the gradient?
import torch

torch.manual_seed(0)
x = torch.rand(51, 1)
w = torch.rand(1, 1, requires_grad=True)
y = 3 * x + 0.8

# Under torchrun two processes would run this file, each on
# its own points. Here one does both, one after the other.
local = []
for shard in (slice(0, 40), slice(40, 51)):
    w.grad = None
    loss = ((x[shard] @ w - y[shard]) ** 2).mean()
    loss.backward()
    local.append(w.grad)

# DistributedDataParallel adds the ranks' gradients and
# divides by their number: 11 points weigh as much as 40.
ddp = (local[0] + local[1]) / 2
print("mean of ranks", ddp.item())

# The mean over all points weighs each rank by its points:
# all_reduce(w.grad * n / N), as train --distributed does.
weighted = (40 * local[0] + 11 * local[1]) / 51
print("by points", weighted.item())

# One process with all 51 points.
w.grad = None
loss = ((x @ w - y) ** 2).mean()
loss.backward()
print("one process", w.grad.item())
