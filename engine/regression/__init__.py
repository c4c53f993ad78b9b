"""Linear regression by gradient descent, as functions from records to records.

Records, torch-free:
    problem      what is learned and how (`Problem`), where a run stands (`State`), `Step`
    points       the data as a chart needs them
    history      a bounded memory of a run
    run          a run; `begin`, `advance` and `back_to` make the next one from it
    breakpoints  conditions that stop a run, and their text form
    theory       the closed form; `theory` solves it

With torch, not to be imported before it is wanted:
    data         the data as tensors; where a run starts
    descent      the fast path, every iteration recorded in full

Helpers of `run`: `pace` (when to show a frame) and `divergence` (why a run met a nan).
"""
