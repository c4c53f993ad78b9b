"""Which tensors are found in the scope of a line, and under which names."""

from __future__ import annotations

from tests.engine.script.scripts import names, recorded


def test_tensors_in_containers_modules_and_objects() -> None:
    recording = recorded(
        """
        class Holder:
            def __init__(self):
                self.w = torch.ones(1)
        holder = Holder()
        cache = {"x": torch.ones(1), "list": [torch.ones(1)]}
        model = torch.nn.Linear(1, 1)
        layers = [model]
        deep = [[[[torch.ones(1)]]]]
        """
    )
    assert names(recording, 9) == [
        "holder.w",
        "cache['x']",
        "cache['list'][0]",
        "model.weight",
        "model.bias",
        "layers[0].weight",
        "layers[0].bias",
    ]


def test_every_parameter_of_a_large_model_has_its_name_and_the_table_stays_small() -> None:
    recording = recorded(
        """
        w = torch.ones(1, requires_grad=True)
        layers = [torch.nn.Linear(1, 1) for _ in range(100)]
        model = torch.nn.Sequential(*layers, torch.nn.BatchNorm1d(1))
        states = [w * 1 for _ in range(70)]
        loss = (model(torch.ones(2, 1)) * w).sum()
        loss.backward()
        """
    )
    leaves = recording.backwards[0].graph.leaves
    assert {leaf.name for leaf in leaves} == {
        "w",
        *(f"layers[{i}].{name}" for i in range(64) for name in ("weight", "bias")),
        *(f"model.{i}.{name}" for i in range(64, 101) for name in ("weight", "bias")),
    }
    moment = recording.moments[-1]
    shown = [tensor.name.partition("[")[0].partition(".")[0] for tensor in moment.tensors]
    assert [shown.count(name) for name in ("w", "layers", "model", "states", "loss")] == [
        1,
        64,
        64,
        64,
        1,
    ]
    assert moment.more == 64 + (205 - 64) + 6


def test_inside_a_call_only_its_own_tensors_are_counted_anew() -> None:
    recording = recorded(
        """
        model = torch.nn.Sequential(*(torch.nn.Linear(1, 1) for _ in range(40)))
        def grow(own):
            own.append(torch.nn.Linear(1, 1))
            net = torch.nn.Sequential(*own, torch.nn.Linear(1, 1))
            return net
        grow(model)
        """
    )
    *_, first, second, third, last = (moment.more for moment in recording.moments)
    assert first == (82 - 64) + (80 - 64)  # `own`, and `model` as before the call
    assert second == third == first + (84 - 64)
    assert last == 82 - 64


def test_shared_memory_has_one_number() -> None:
    recording = recorded(
        """
        a = torch.ones(3)
        b = a.data
        c = a[1:]
        d = a.clone()
        """
    )
    a, b, c, d = recording.moments[-1].tensors
    assert a.storage == b.storage == c.storage != d.storage


def test_what_a_function_is_passed_goes_by_the_names_it_has_elsewhere() -> None:
    recording = recorded(
        """
        from torch.overrides import TorchFunctionMode
        class Passes(TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                return func(*args, **(kwargs or {}))
        w = torch.ones(2, requires_grad=True)
        with Passes():
            loss = w.sum()
            loss.backward()
        """
    )
    assert [node.name for node in recording.backwards[0].graph.nodes] == ["loss", "w"]
