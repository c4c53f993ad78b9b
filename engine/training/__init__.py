"""Linear regression by gradient descent, as functions from records to records.

Records, torch-free:
    problem      what is learned and how (`Problem`), where a run stands (`State`), `Step`
    points       the data as a chart needs them
    density      any number of them, counted on a grid
    history      a bounded memory of a run
    run          a run; `begin`, `advance`, `goto` and `back_to` make the next one from it
    branches     an experiment: runs that left each other where something was changed
    comparison   its branches side by side; `changes` says in words what is different
    breakpoints  conditions that stop a run, and their text form
    theory       the closed form; `theory` solves it

Files, torch-free:
    tables       `read_table`: a CSV file as a problem's data, and the few kept in memory
    export       a history as CSV

With torch, not to be imported before it is wanted:
    data         the data as tensors; where a run starts; coefficients in original units
    descent      the fast path, every iteration recorded in full
    dissection   one iteration in full, line by line

Helpers of `run`: `pace` (when to show a frame) and `divergence` (why a run met a nan); of
`tables`: `reading` (the rows), `delimited` (the layout), `selection` (which columns) and
`columns` (the arrays).
"""
