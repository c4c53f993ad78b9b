"""Out of the way of `torch.jit.trace` and its like, which run the script's functions to learn them.

It names what it finds after variables of the frame that calls torch: that is to be the script's.
Others, as `torch.export`, run them with sizes that are not known: whoever asks for one settles it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import torch
import torch.fx.experimental.proxy_tensor as proxies

from engine.script.unseen.our_frames import calls_the_script

_TRACING: tuple[tuple[Any, str], ...] = (
    (torch.jit, "trace_module"),
    (torch.jit._trace, "trace_module"),
    (torch._C, "_create_function_from_trace"),
    (torch._C, "_create_function_from_trace_with_dict"),
    (torch._C, "_create_graph_by_tracing"),
    (torch.export, "export"),
    (torch.export, "draft_export"),
    (vars(proxies).get("_MakefxTracer"), "trace"),
)
"""The functions of torch that run what is traced."""


@contextmanager
def asked_before_traces(hook: Callable[[], Callable[[], None]]) -> Iterator[None]:
    """While entered, call the hook before each of them runs, and what it gives back after it."""
    real = [(host, name, getattr(host, name)) for host, name in _TRACING if hasattr(host, name)]

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        @calls_the_script
        def trace(*arguments: Any, **options: Any) -> Any:
            back = hook()
            try:
                return function(*arguments, **options)
            finally:
                back()

        return trace

    for host, name, function in real:
        setattr(host, name, around(function))
    try:
        yield
    finally:
        for host, name, function in real:
            setattr(host, name, function)
