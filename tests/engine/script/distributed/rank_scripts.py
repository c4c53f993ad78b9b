"""The scripts that two ranks run: one for each way in which gradients are reduced."""

from __future__ import annotations

HEAD = """\
import os, torch, torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
store = f"file://{os.getcwd()}/store"
dist.init_process_group("gloo", init_method=store, rank=rank, world_size=world)
torch.manual_seed(0)
x = torch.linspace(-1, 1, 51).reshape(-1, 1)
y = 3 * x + 0.8
own = slice(0, 26) if rank == 0 else slice(26, 51)
mse = torch.nn.functional.mse_loss
def stepper(model):
    return torch.optim.SGD(model.parameters(), lr=0.1)
def save(*tensors):
    print([tensor.flatten()[:4].tolist() for tensor in tensors], flush=True)
"""
TRAIN = """
for i in range(4):
    optimizer.zero_grad()
    loss = mse(model(x[own]), y[own])
    loss.backward()
    optimizer.step()
save(*model.parameters())
"""

SCRIPTS = {
    "ddp": """
model = DistributedDataParallel(torch.nn.Linear(1, 1))
optimizer = stepper(model)
"""
    + TRAIN,
    "buckets": """
model = torch.nn.Sequential(
    torch.nn.Linear(1, 40), *(torch.nn.Linear(40, 40) for _ in range(3)), torch.nn.Linear(40, 1)
)
model = DistributedDataParallel(model, bucket_cap_mb=0.01)
optimizer = stepper(model)
"""
    + TRAIN
    + 'print(model._get_ddp_logging_data()["rebuilt_per_bucket_param_indices"])\n',
    "unused": """
class Two(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    def forward(self, x):
        return self.a(x) + (self.b(x) if rank == 0 else 0)
model = DistributedDataParallel(Two(), find_unused_parameters=True, gradient_as_bucket_view=True)
optimizer = stepper(model)
for i in range(4):
    with model.no_sync():
        mse(model(x[own]), y[own]).backward()
    mse(model(x[own]), y[own]).backward()
    optimizer.step()
    optimizer.zero_grad()
save(*model.parameters())
""",
    "scaled": """
model = DistributedDataParallel(torch.nn.Linear(1, 1))
optimizer = stepper(model)
scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
for i in range(4):
    optimizer.zero_grad()
    scaler.scale(mse(model(x[own]), y[own])).backward()
    scaler.step(optimizer)
    scaler.update()
save(*model.parameters())
""",
    "hand": """
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for i in range(4):
    loss = ((w * x[own] + b - y[own]) ** 2).mean()
    loss.backward()
    for leaf in (w, b):
        dist.all_reduce(leaf.grad)
        leaf.grad /= world
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
    w.grad.zero_()
    b.grad.zero_()
save(w, b)
""",
    "flat": """
model = torch.nn.Linear(1, 1)
optimizer = stepper(model)
for i in range(4):
    optimizer.zero_grad()
    loss = mse(model(x[own]), y[own])
    loss.backward()
    grads = [leaf.grad for leaf in model.parameters()]
    flat = torch._utils._flatten_dense_tensors(grads)
    dist.all_reduce(flat, async_op=True).wait()
    for grad, summed in zip(grads, torch._utils._unflatten_dense_tensors(flat, grads)):
        grad.copy_(summed)
    total = loss.detach().clone()
    dist.all_reduce(total)
    dist.all_reduce(torch.tensor(len(x[own])))
    optimizer.step()
save(*model.parameters())
""",
    "hooks": """
model = torch.nn.Linear(1, 1)
def reduced(gradient):
    gradient = gradient / world
    dist.all_reduce(gradient)
    return gradient
for leaf in model.parameters():
    leaf.register_hook(reduced)
optimizer = stepper(model)
"""
    + TRAIN,
    "dtensor": """
from torch.distributed.tensor import Replicate, Shard, distribute_tensor
from torch.distributed.device_mesh import init_device_mesh
mesh = init_device_mesh("cpu", (world,))
x, y = (distribute_tensor(part, mesh, [Shard(0)]) for part in (x, y))
w = torch.nn.Parameter(distribute_tensor(torch.zeros(1, 1), mesh, [Replicate()]))
optimizer = torch.optim.SGD([w], lr=0.1)
for i in range(4):
    optimizer.zero_grad()
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    optimizer.step()
save(w.to_local())
""",
    "odd": """
w = torch.ones(3, requires_grad=True)
@torch.compile(backend="eager", fullgraph=True)
def compiled(x):
    total = x.sum() * 1
    dist.all_reduce(total)
    return (x * w).sum() * total
compiled(torch.ones(3)).backward()
save(w.grad)
child = os.fork()
if child == 0:
    w.sum().backward()
    os._exit(0)
os.waitpid(child, 0)
alone = [dist.new_group([one]) for one in range(world)][rank]
dist.all_reduce(w.grad, group=alone)
dist.destroy_process_group()
dist.init_process_group("gloo", init_method=store + "2", rank=rank, world_size=world)
dist.barrier()
os._exit(3)
""",
    "hang": """
if rank:
    import time
    time.sleep(60)
dist.barrier()
""",
}
