"""Running a Python script line by line, with what autograd did at every line as records.

The records, and the file they are kept in, are `engine.recording`'s.

Running a script:
    recorder               a Python file as a `Recording`, in this process
    subprocess_recorder    the same in a process of its own, which can be killed
    pipe                   the entries of a journal on their way from that process
    source_file            reading the file, with one line for every error

Watching it while it runs, for `recorder`:
    line_tracer            Python's trace function: executed lines become moments
    torch_calls            torch calls: notes on graph nodes, and backward passes
    module_path            which `nn.Module` is running
    scope                  the tensors among the variables
    snapshots              those tensors, line by line, and which changed
    silent_writes          changes that autograd's version counter did not see
    captured_output        stdout and stderr, bounded
    captured_warnings      warnings, at the lines of the script

And `live_tensor`: a tensor of the user's own program, inspected while that waits.
"""
