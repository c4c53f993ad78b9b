"""What the program knows, without a screen: functions from immutable records to records.

Start with `autograd.values` and `autograd.graph`, the records that everything is made of, then
`autograd.capture` and `autograd.backward`, which make them of live tensors.

The packages, in layers; each imports only from those above it:

    autograd    the autograd graph behind a tensor, and a backward pass through it
    data        training data: drawn at random, or the columns of a file
    rules       the local derivative of every operation, evaluated and compared with autograd
    recording   a recorded script: its records, and what is read off them
    ranks       the recordings of several ranks as one distributed run
    script      a Python file run line by line, with what autograd did at every line
    training    linear regression by gradient descent: runs, branches, breakpoints, closed form
    sessions    an experiment in a file, from which it goes on exactly

Beside them: `lessons`, the tutorial as Python files; `atomic_files`, which writes a file as a
whole or not at all; `regular_files`, which opens no others; `private_files`, those of the state
directory; `quick_records`, frozen records that are made quickly; `uncollected`, no garbage
collection in the middle of many small ones; `untraced`, no tracing of what is not the script's;
`plurals`, counts with their nouns; `own_builtins`, Python's own functions whatever a script has put
in their place.

Records are torch-free, so that a screen can start without torch; `tests/engine/test_imports.py`
lists the modules that load it.
"""
