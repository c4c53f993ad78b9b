from __future__ import annotations

import pytest

from engine.recording.explanations.explanation import Explanation
from engine.recording.explanations.known_errors import explain, worker_error
from engine.recording.explanations.mistakes import advice, explain_write
from engine.recording.records import Recording, SilentWrite
from tests.engine.script.scripts import recorded

W = "from io import BytesIO\nfrom torch import nn\nw = torch.ones(2, requires_grad=True)\n"

ERRORS = {
    "w.numpy()": "NumPy",
    "(w * 2).backward()": "several elements",
    "y = (w * w).sum(); y.backward(); y.backward()": "a second time",
    "w += 1": "A leaf that requires grad",
    "w[0] = 1": "A part of a leaf",
    "b = w.sigmoid(); b += 1; b.sum().backward()": "after the graph had saved it",
    "w.sum().detach().backward()": "no graph",
    "torch.tensor(w.sum().item()).backward()": "no graph",
    "w.grad.zero_()": ".grad is None",
    "torch.ones(2, dtype=torch.int64, requires_grad=True)": "integers",
    "torch.ones(2).long().requires_grad_()": "integers",
    "w.sum().item().backward()": "a plain number",
    "(w * 1j).sum().backward()": "a complex number",
    "nn.BatchNorm1d(2)(w.view(1, 2))": "a single example",
    "nn.Conv2d(3, 1, 3)(torch.rand(2, 8, 8, 3))": "another number of channels",
    "torch.rand(2, 3).view(-1, 4)": "too many or too few",
    "torch.rand(2, 3).t().view(6)": "in this order",
    "nn.Sequential(nn.LSTM(2, 2), nn.Linear(2, 1))(w.view(1, 1, 2))": "a tuple",
    "torch.stack([torch.ones(2), torch.ones(3)])": "several sizes",
    "nn.MSELoss(w, w)": "as a yes or no",
    "torch.optim.SGD([])": "no parameters",
    "torch.optim.SGD(nn.Linear(1, 1))": "a sequence of parameters",
    "nn.Module()(w)": "no method `forward`",
    "a, b = (w * 1).chunk(2); a += 1": "autograd cannot follow",
    "nn.Linear(1, 2).load_state_dict(nn.Linear(2, 2).state_dict())": "do not fit the model",
    "torch.save(nn.ReLU(), f := BytesIO()); f.seek(0); torch.load(f)": "a whole model",
    "nn.Linear(1, 1).weight = w": "a plain tensor",
    "torch.ones(2).long().mean()": "mean of integers",
    "w.grad = torch.ones(3)": "not like the tensor",
    "w.grad = torch.ones(2).double()": "not like the tensor",
    "s = torch.amp.GradScaler('cpu'); s.scale(w.sum()); s.step(torch.optim.SGD([w], 1))": (
        "of which nothing has a gradient"
    ),
    "import copy; copy.deepcopy(w * 1)": "copy.deepcopy",
    "torch.func.grad(torch.exp)(torch.ones(2))": "returns several numbers",
}


def test_what_a_newer_torch_raises_as_a_narrower_type_is_explained_as_before() -> None:
    message = "mean(): could not infer output dtype. Input dtype must be either a floating point"
    assert explain("NotImplementedError", message) == explain("RuntimeError", message) is not None


def all_advice(recording: Recording) -> list[Explanation]:
    return [one for i in range(len(recording.moments)) for one in advice(recording, i)]


@pytest.mark.parametrize("mistake", ERRORS)
def test_torchs_own_messages_are_explained(mistake: str) -> None:
    recording = recorded(W + mistake)
    assert recording.error is not None
    found = explain(recording.error.type, recording.error.message)
    assert found is not None
    assert ERRORS[mistake] in found.what
    (shown,) = advice(recording, len(recording.moments) - 1)
    known = [one.what for one in recording.findings]
    assert shown.what in known or shown == found, "what the recorder has found out tells more"


def test_other_errors_are_not() -> None:
    assert explain("RuntimeError", "something else") is None
    assert explain("ValueError", "grad can be implicitly created only for scalar outputs") is None


def test_what_a_worker_raised_is_told_with_its_place() -> None:
    text = (
        "Caught KeyError in DataLoader worker process 0.\nOriginal Traceback:\n"
        '  File "/x/site-packages/torch/utils/data/fetch.py", line 5, in fetch\n'
        '  File "/home/me/rows.py", line 8, in __getitem__\n    raise KeyError(5)\nKeyError: 5'
    )
    found = worker_error(text)
    assert found is not None
    assert found.what == (
        "A worker of the DataLoader raised KeyError: 5, in rows.py, line 8 (__getitem__)."
    )
    assert worker_error("KeyError: 5") is None
    spawned = text.partition("Original")[2].replace(" Traceback:", "", 1)
    found = worker_error(f"\n\n-- Process 0 terminated with the following error:{spawned}\n")
    assert found is not None
    assert found.what.endswith("spawned raised KeyError: 5, in rows.py, line 8 (__getitem__).")


def test_arithmetic_with_a_gradient_that_is_not_there() -> None:
    (found,) = all_advice(recorded(W + "w.data -= 0.1 * w.grad\n"))
    assert ".grad is None" in found.what
    assert not all_advice(recorded(W + "1 + None\n"))


def test_a_gradient_that_cannot_come_says_why() -> None:
    computed = "w = torch.ones(2, requires_grad=True) * 0.1\nw.sum().backward()\n0.1 * w.grad\n"
    found = [one.what for one in all_advice(recorded(computed))]
    assert "w.grad is None, for w is no leaf: it was computed (MulBackward0)." in found
    untracked = "w = torch.ones(2)\nw.grad.zero_()\n"
    assert "w does not require grad" in all_advice(recorded(untracked))[-1].what


def test_a_closure_that_returns_nothing() -> None:
    closure = "def closure():\n    w.sum().backward()\n"
    recording = recorded(f"{W}{closure}torch.optim.LBFGS([w]).step(closure)\n")
    assert all_advice(recording)[-1].instead == "Write `return loss` as its last line."


def test_an_error_of_a_line_that_was_not_looked_at_is_known_by_its_message() -> None:
    for message in (
        "mat1 and mat2 shapes cannot be multiplied (16x4 and 3x8)",
        "The size of tensor a (3) must match the size of tensor b (4) at dimension 0",
    ):
        assert explain("RuntimeError", message) is not None


def test_reading_grad_of_a_computed_tensor() -> None:
    (found,) = all_advice(recorded(W + "y = w * 2\ny.grad\n"))
    assert found.what == ".grad of a computed tensor was read."


def test_a_leaf_that_is_lost() -> None:
    recording = recorded(W + "(w * w).sum().backward()\nw = w - 0.1 * w.grad\n")
    (found,) = all_advice(recording)
    assert found.what == "w is no longer a leaf: the name now stands for a computed tensor."
    assert "`w -= …`" in found.instead


def test_a_leaf_that_is_lost_under_no_grad() -> None:
    recording = recorded(
        W + "(w * w).sum().backward()\nwith torch.no_grad():\n    w = w - 0.1 * w.grad\n"
    )
    (found,) = all_advice(recording)
    assert found.what.startswith("w is no longer tracked")


def test_updates_that_keep_the_leaf_need_no_advice() -> None:
    assert not all_advice(
        recorded(
            W + "(w * w).sum().backward()\n"
            "with torch.no_grad():\n    w -= 0.1 * w.grad\n"
            "w = torch.ones(2, requires_grad=True)\n"
            "a = torch.ones(2, requires_grad=True)\na = a * a\n"
        )
    )


def test_a_function_has_names_of_its_own() -> None:
    assert not all_advice(
        recorded(W + "(w * w).sum().backward()\ndef f(w):\n    v = w\n    return v\nu = f(w * 2)\n")
    )


@pytest.mark.parametrize(("harmful", "word"), [(True, "wrong"), (False, "no gradient is wrong")])
def test_silent_writes(harmful: bool, word: str) -> None:
    found = explain_write(SilentWrite("b", 7, harmful))
    assert found.what == "Line 7 changed b in a way that autograd did not see."
    assert word in found.why
