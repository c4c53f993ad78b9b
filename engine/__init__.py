"""What the program knows, without a screen: functions from records to records.

Records, torch-free:
    values       `Value`, `TensorView`: pictures of tensors, and how numbers are written
    graph        `Node`, `Edge`, `Graph`, and `Backward`: a pass through it
    moments      `Recording`: a script, run and kept line by line

From live torch to records:
    viewing      a tensor → `Value`, `TensorView`
    capture      a tensor → the `Graph` behind it (`order`, `saved`: its parts)
    backward     the real backward pass → `Backward`
    recording    a Python file → `Recording` (`tracing`: its lines; `watching`: its torch calls;
                 `snapshots`: its tensors; `silent`: writes that autograd cannot see)
    isolated     the same in a process of its own, for scripts that nobody knows
    live         a tensor in a waiting program, looked at on demand

From records to words:
    rules        the local derivative of every operation, with its numbers, checked
    explanations what PyTorch's messages mean, and what to write instead
    ledger       which backward added what to which leaf
    dot          a graph for Graphviz

And: `lessons` (the tutorial as Python files), `regression` (training), `sessions` (training,
kept in files), `device`, `files`, `sources`. Nothing is imported before it is wanted.
"""
