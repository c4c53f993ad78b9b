"""The scripts that are recorded for figures; each says its own times, as it knows them best."""

LOOP = """\
import sys, time
import torch
begun = time.process_time()
torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.linspace(0, 1, 50)
y = 3.0 * x + 0.8 + 0.1 * torch.randn(50)
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.1
for step in range(int(sys.argv[1])):
    y_hat = w * x + b
    loss = ((y_hat - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
    w.grad.zero_()
    b.grad.zero_()
print(begun, time.process_time())
"""

_STEPS = """\
optimizer = torch.optim.Adam(model.parameters())
for step in range(int(sys.argv[1])):
    begun, cpu = time.perf_counter(), time.process_time()
    optimizer.zero_grad()
    loss = loss_of()
    loss.backward()
    optimizer.step()
    now = time.process_time()
    print(f"{now - cpu:.6f} {now:.6f} {time.time():.6f}", flush=True)
"""

TRANSFORMER = (
    """\
import sys, time
import torch
from torch import nn
torch.manual_seed(0)
torch.set_num_threads(1)
layer = nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True)
model = nn.Sequential(nn.Embedding(64, 128), nn.TransformerEncoder(layer, 3), nn.Linear(128, 64))
data = torch.randint(64, (20, 65))
def loss_of():
    logits = model(data[:, :-1])
    return nn.functional.cross_entropy(logits.flatten(0, 1), data[:, 1:].flatten())
"""
    + _STEPS
)

LSTM = (
    """\
import sys, time
import torch
from torch import nn
torch.manual_seed(0)
torch.set_num_threads(1)
class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LSTMCell(1, 51)
        self.second = nn.LSTMCell(51, 51)
        self.out = nn.Linear(51, 1)
    def forward(self, series):
        h1 = c1 = h2 = c2 = torch.zeros(len(series), 51)
        outputs = []
        for value in series.split(1, dim=1):
            h1, c1 = self.first(value, (h1, c1))
            h2, c2 = self.second(h1, (h2, c2))
            outputs.append(self.out(h2))
        return torch.cat(outputs, dim=1)
model = Cells()
series = torch.sin(torch.arange(96) / 20 + torch.arange(97).reshape(-1, 1))
def loss_of():
    return nn.functional.mse_loss(model(series[:, :-1]), series[:, 1:])
"""
    + _STEPS
)

LIVE = """\
import time
import torch
w = torch.ones(3, requires_grad=True)
for step in range(40):
    (w * w).sum().backward()
    print(time.time(), flush=True)
    time.sleep(0.1)
"""

LARGE = """\
import torch
big = torch.zeros(int(250e6))
w = torch.ones(3, requires_grad=True)
for step in range(5):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        big[step] = w[0]
    w.grad = None
"""

RANKS = """\
import sys, time
import torch, torch.distributed as dist
from torch import nn
dist.init_process_group("gloo")
torch.manual_seed(0)
torch.set_num_threads(1)
layer = nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True)
model = nn.Sequential(nn.Embedding(64, 128), nn.TransformerEncoder(layer, 3), nn.Linear(128, 64))
model = nn.parallel.DistributedDataParallel(model)
optimizer = torch.optim.AdamW(model.parameters())
torch.manual_seed(dist.get_rank())
data = torch.randint(64, (20, 65))
for step in range(int(sys.argv[1])):
    begun, cpu = time.perf_counter(), time.process_time()
    optimizer.zero_grad()
    logits = model(data[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), data[:, 1:].flatten())
    loss.backward()
    optimizer.step()
    now = time.process_time()
    print(f"step {step} {now - cpu:.6f} {time.perf_counter() - begun:.6f}", flush=True)
dist.destroy_process_group()
"""
