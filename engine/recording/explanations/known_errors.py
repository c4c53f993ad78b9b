"""What PyTorch's own error messages mean: what happened, why, and what to write instead.

The messages are recognised by the parts of their text that have been the same for many versions.
"""

from __future__ import annotations

import re

from engine.recording.explanations.explanation import Explanation, Known, known
from engine.recording.explanations.known_refusals import REFUSALS


def explain(error_type: str, message: str) -> Explanation | None:
    """The explanation of an exception (or warning) by its type's name; None for an unknown one."""
    types = {error_type}
    if error_type == "NotImplementedError":
        types.add("RuntimeError")  # which it is one of, and what older versions of torch raise
    for one in (*_KNOWN, *REFUSALS):
        if one.type in types and one.pattern.search(message):
            return one.explanation
    return None


def worker_error(message: str) -> Explanation | None:
    """Return what a data loader's worker or a spawned process raised, and where.

    None for another message.
    """
    found = _WORKER.match(message)
    if found is None:
        return None
    last = message.rstrip().splitlines()[-1].strip()
    frames = re.findall(r'File "(.+)", line (\d+), in (\S+)', message)
    own = [one for one in frames if "site-packages" not in one[0]] or frames
    at = f", in {own[-1][0].rpartition('/')[2]}, line {own[-1][1]} ({own[-1][2]})" if own else ""
    if not found["loader"]:
        return Explanation(
            f"A process that was spawned raised {last}{at}.",
            "It is a process of its own, so the script gets what it raised as a text.",
            "Call its function here, with rank 0, to have it raised where it happens.",
        )
    return Explanation(
        f"A worker of the DataLoader raised {last}{at}.",
        "Workers are processes of their own, so the loop over the loader gets it as a text.",
        "Set `num_workers=0` to have it raised where it happens, and go there.",
    )


_WORKER = re.compile(
    r"(?P<loader>Caught \w+ in DataLoader worker process \d+\.)"
    r"|\s*-- Process \d+ terminated with the following error:"
)
NO_GRADIENT = Explanation(
    "A gradient was used that is not there: .grad is None.",
    "A leaf has no .grad before its first backward pass, and a computed tensor never has.",
    "Ask first, `if w.grad is not None:`, or set `w.grad = None` instead of zeroing.",
)

_KNOWN = (
    known(
        "RuntimeError",
        r"Can't call numpy\(\) on Tensor that requires grad",
        "A NumPy array was asked of a tensor that requires grad.",
        "NumPy keeps no history, so what is computed with the array would have no gradient.",
        "Write `t.detach().numpy()`; it shares memory, so do not change the array.",
    ),
    known(
        "RuntimeError",
        r"grad can be implicitly created only for scalar outputs",
        "A gradient was asked for of a tensor of several elements.",
        "Autograd differentiates one number; of several it must know how much each counts.",
        "Reduce it, `z.mean().backward()`, or give weights, `z.backward(torch.ones_like(z))`; grad "
        "takes them as `grad_outputs=`.",
    ),
    known(
        "RuntimeError",
        r"backward through the graph a second time",
        "Backward went through the same graph a second time.",
        "The first pass freed what the graph had saved.",
        "Run the forward pass again, or write `backward(retain_graph=True)` the first time.",
    ),
    known(
        "RuntimeError",
        r"a view of a leaf Variable that requires grad is being used in an in-place operation",
        "A part of a leaf that requires grad was changed in place.",
        "The part shares the leaf's memory, and a leaf must keep the values it was used with.",
        "Change it inside `with torch.no_grad():`, or change a copy, `t.clone()`.",
    ),
    known(
        "RuntimeError",
        r"a leaf Variable that requires grad is being used in an in-place operation",
        "A leaf that requires grad was changed in place.",
        "Changed with history it would be computed from itself, and a leaf no more.",
        "Write the change inside `with torch.no_grad():`.",
    ),
    known(
        "RuntimeError",
        r"modified by an inplace operation",
        "A tensor that backward needs was changed in place after the graph had saved it.",
        "Its version is newer than the saved one, so the gradient would be of other values.",
        "Make a new tensor, `b = b + 1` instead of `b += 1`, or change it after backward.",
    ),
    known(
        "RuntimeError",
        r"does not require grad and does not have a grad_fn",
        "backward() was called on a tensor that has no graph.",
        "Nothing it was computed from requires grad, or no_grad, .detach(), .data, .item() or an "
        "integer type cut the history off.",
        "Give the parameters requires_grad=True, and compute the loss from them with torch alone.",
    ),
    known(
        "UserWarning",
        r"\.grad attribute of a Tensor that is not a leaf Tensor is being accessed",
        ".grad of a computed tensor was read.",
        "Backward keeps gradients only in leaves; in between they are passed on and dropped.",
        "Call `t.retain_grad()` before backward, or read .grad of the leaf.",
    ),
    Known(
        "AttributeError",
        re.compile(
            r"'NoneType' object has no attribute '(zero_|data|detach_?|item|clone|norm|mul_)'"
        ),
        NO_GRADIENT,
    ),
    known(
        "ValueError",
        r"can't optimize a non-leaf Tensor",
        "An optimizer was given a tensor that is no leaf.",
        "It was computed (by `.double()`, `.to()`, `* 0.1` …) from one that requires grad, and "
        "only leaves get a gradient to be stepped with.",
        "Make it as it is to be, ask for `.requires_grad_()` last, and give that to the optimizer.",
    ),
    known(
        "RuntimeError",
        r"result type Float can't be cast to the desired output type (Long|Int|Bool)",
        "Numbers with a fraction were to be written into integers: the targets are of an integer "
        "dtype.",
        "This loss compares floats with floats; only cross_entropy takes class numbers.",
        "Write `target.float()`.",
    ),
    known(
        "RuntimeError",
        r"attempting to assign a gradient",
        "What was to become the .grad of a tensor is not like the tensor.",
        "A gradient has the shape, the dtype and the device of what it is the gradient of.",
        "Make it with `torch.zeros_like(w)`, or as `g.reshape(w.shape).to(w.dtype)`.",
    ),
    known(
        "UserWarning",
        r"`lr_scheduler\.step\(\)` before `optimizer\.step\(\)`",
        "The scheduler has stepped before the optimizer.",
        "So the first learning rate of its schedule is never used.",
        "Call `optimizer.step()` first, and `scheduler.step()` after it.",
    ),
    known(
        "UserWarning",
        r"`parameters` is an empty generator, no gradient clipping",
        "No gradient is clipped: the generator that was given is empty.",
        "`parameters()` gives a generator, and the optimizer or a loop has gone through it.",
        "Call `model.parameters()` anew for each use, or keep `list(model.parameters())`.",
    ),
    known(
        "RuntimeError",
        r"[Oo]nly Tensors of floating point (and complex )?dtype can require gradients",
        "A tensor of integers was asked to require grad.",
        "A derivative needs numbers that can change by a little.",
        "Make it of floats: `torch.tensor([1., 2.])` or `t.float()`.",
    ),
)
