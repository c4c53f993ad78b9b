"""Looking at a live tensor without anybody noticing.

Torch calls back into a script's own code from many places: a Tensor subclass overrides methods
and properties, modes log every operation. Here tensors are asked through the methods of torch's
own base class, with all of that switched off. A tensor that has no numbers of its own (a wrapper
around others, a fake one) must not be computed with under `quiet`: `plain_of` says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from engine.autograd.not_compiled import never_compile
from engine.autograd.shared_gradients import gradient_of

_Base: Any = torch._C.TensorBase
_Tensor = torch.Tensor
_functorch: Any = torch._C._functorch
_set_tracing_state: Callable[[Any], None] = vars(torch._C)["_set_tracing_state"]
function_modes: Callable[[], int] = torch._C._len_torch_function_stack
dispatch_modes: Callable[[], int] = torch._C._len_torch_dispatch_stack
transforms: Callable[[], bool] = torch._C._are_functorch_transforms_active
tracing: Callable[[], Any] = torch._C._get_tracing_state
_STRIDED = torch.strided
_PYTHON = torch._C.DispatchKey.Python
_keys: Any = torch._C._dispatch_keys
_DisableTorchDispatch: Any = torch._C._DisableTorchDispatch


def _getter(name: str) -> Callable[[torch.Tensor], Any]:
    getter: Callable[[torch.Tensor], Any] = getattr(_Base, name).__get__
    return getter


sizes: Callable[[torch.Tensor], tuple[int, ...]] = _getter("shape")
dtype: Callable[[torch.Tensor], torch.dtype] = _getter("dtype")
device: Callable[[torch.Tensor], torch.device] = _getter("device")
layout: Callable[[torch.Tensor], torch.layout] = _getter("layout")
requires_grad: Callable[[torch.Tensor], bool] = _getter("requires_grad")
is_leaf: Callable[[torch.Tensor], bool] = _getter("is_leaf")
is_nested: Callable[[torch.Tensor], bool] = _getter("is_nested")
grad_fn: Callable[[torch.Tensor], Any] = _getter("grad_fn")
output_number: Callable[[torch.Tensor], int] = _getter("output_nr")
_retains_grad = _getter("retains_grad")
counted_version: Callable[[torch.Tensor], int] = _getter("_version")
"""The version counter; raises RuntimeError for inference tensors, which have none."""
_is_cuda = _getter("is_cuda")
is_cpu: Callable[[torch.Tensor], bool] = _getter("is_cpu")
is_meta: Callable[[torch.Tensor], bool] = _getter("is_meta")
offset_of: Callable[[torch.Tensor], int] = _Base.storage_offset
_item_size: Callable[[torch.Tensor], int] = _Base.element_size
data_ptr: Callable[[torch.Tensor], int] = _Base.data_ptr
storage: Callable[[torch.Tensor], torch.UntypedStorage] = _Base.untyped_storage
listed: Callable[[torch.Tensor], Any] = _Base.tolist
only_item: Callable[[torch.Tensor], Any] = _Base.item
count: Callable[[torch.Tensor], int] = _Base.numel
is_wrapped: Callable[[torch.Tensor], bool] = _functorch.is_functorch_wrapped_tensor
is_inference: Callable[[torch.Tensor], bool] = _Base.is_inference


PLAIN = frozenset({torch.Tensor, torch.nn.Parameter})
"""The types of tensors that run nobody's code."""


class quiet:  # noqa: N801 - entered like a function, as those of contextlib
    """While entered, no mode, subclass or transform of the script sees what is done here.

    A class, since it is entered for every node of a graph, and a generator costs twice as much.
    """

    __slots__ = ("_entered", "_traced")

    def __enter__(self) -> None:
        self._traced = torch._C._get_tracing_state()
        if self._traced is not None:  # or it would become part of what `jit.trace` makes
            _set_tracing_state(None)
        self._entered: tuple[Any, ...] = torch._C.DisableTorchFunction(), _DisableTorchDispatch()
        if torch._C._are_functorch_transforms_active():
            self._entered += (torch._C._DisableFuncTorch(),)
        for one in self._entered:
            one.__enter__()

    def __exit__(self, *failure: object) -> None:
        for one in reversed(self._entered):
            one.__exit__(*failure)
        if self._traced is not None:
            _set_tracing_state(self._traced)


def is_quiet() -> bool:
    """Whether nobody sees what is done to plain tensors now, so that `quiet` need not be entered.

    That is quicker; a plain tensor is one whose type is that of torch itself.
    """
    return not (function_modes() or dispatch_modes() or transforms() or tracing())


never_compile(is_quiet.__code__)


def quick_number(tensor: torch.Tensor) -> float | None:
    """The only number of a plain tensor in the CPU's memory, read where that `is_quiet`.

    Of a complex number it gives the absolute value; None where it is no such tensor.
    """
    if type(tensor) is not _Tensor or not is_quiet():
        return None
    if not tensor.is_cpu or tensor.numel() != 1:
        return None
    try:
        number = only_item(tensor)
    except RuntimeError:
        return None
    if type(number) is float:
        return number
    return abs(number) if type(number) is complex else float(number)


def has_own_dispatch(tensor: torch.Tensor) -> bool:
    """Whether operations on the tensor run Python code: a wrapper around others, a fake one."""
    return type(tensor) not in PLAIN and bool(_keys(tensor).has(_PYTHON))


def is_readable(tensor: torch.Tensor) -> bool:
    """Whether the tensor has memory of its own whose numbers can be read now."""
    if type(tensor) not in PLAIN and has_own_dispatch(tensor):
        return False
    if layout(tensor) is not _STRIDED or is_nested(tensor) or is_meta(tensor):
        return False
    try:
        # A storage that was freed is at 0, and a view of it behind that.
        if data_ptr(tensor) == offset_of(tensor) * _item_size(tensor):
            return not count(tensor)
    except RuntimeError:
        return False
    # Reading a number would break the capture of a CUDA graph.
    return not _is_cuda(tensor) or not torch.cuda.is_current_stream_capturing()


def pointer_of(tensor: torch.Tensor) -> int | None:
    """Where a plain tensor's numbers begin in memory; None where it is another, or has none."""
    if type(tensor) not in PLAIN or is_wrapped(tensor) or not is_readable(tensor):
        return None
    return data_ptr(tensor)


def plain_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The tensor's memory as a plain tensor without history; None where there is none to read.

    Call it, and compute with the result, under `quiet`.
    """
    try:
        while is_wrapped(tensor):
            if not _functorch.is_gradtrackingtensor(tensor):
                return None
            tensor = _functorch.get_unwrapped(tensor)
        plain: torch.Tensor | None = _Base.detach(tensor) if is_readable(tensor) else None
    except (RuntimeError, TypeError):
        return None  # a wrapper may compute its own layout, or have none
    return plain


def node_of(tensor: torch.Tensor) -> Any:
    """The node that made a tensor; None also where torch refuses to tell.

    It does so of a view made under no_grad and changed in place since.
    """
    try:
        return grad_fn(tensor)
    except RuntimeError:
        return None


def live_grad(tensor: torch.Tensor) -> torch.Tensor | None:
    """The tensor's `.grad`, without torch's warning where it can have none."""
    if grad_fn(tensor) is not None and not _retains_grad(tensor):
        return None
    return gradient_of(tensor)


def version_of(tensor: torch.Tensor) -> int:
    """The version counter of in-place changes that autograd has seen; 0 for inference tensors."""
    return 0 if is_inference(tensor) else int(counted_version(tensor))


def address_of(tensor: torch.Tensor) -> int:
    """The address of a tensor's storage; its `id` where it has no memory of its own."""
    if has_own_dispatch(tensor):
        return id(tensor)
    try:
        return storage(tensor).data_ptr() or id(tensor)
    except RuntimeError:
        return id(tensor)


def storage_key(tensor: torch.Tensor) -> int:
    """A number of a readable tensor's storage, which stays when its memory is freed and refilled.

    Another storage can have it once this one is gone.
    """
    return int(storage(tensor)._cdata)
