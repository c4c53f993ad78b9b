"""Running a Python script line by line, with what autograd did at every line as records.

The records, and the file they are kept in, are `engine.recording`'s.

Running a script:
    recorder               a lesson as a `Recording`, in this process
    subprocess_recorder    a user's script in a process of its own, which can be killed
    supervisor             the same with the script's own streams and exit code
    child                  that process, from its command line to the script
    run_script             the script in it, from its first line to its last exit handler
    main_module            the script as the real `__main__`
    source_file            reading the file, with one line for every error

Watching it while it runs:
    passes                 every backward pass; windows, in which lines are traced, open and close
    pass_scalars           the loss and the leaves' norms of every pass
    line_tracer            Python's trace function: executed lines become moments
    torch_calls            torch calls: notes on graph nodes
    node_lines             in which line each node of a graph was made
    leaf_rows              what a pass leaves in the leaves, as rows of numbers
    own_files              which files are the user's own
    module_path            which `nn.Module` is running
    loop_variables         the loop variables around a line
    scope                  the tensors among the variables
    snapshots              those tensors, line by line, and which changed
    silent_writes          changes that autograd's version counter did not see
    script_errors          an exception as a record, with the way to it
    captured_output        stdout and stderr, bounded
    captured_warnings      warnings, at the lines of the script

And `live_tensor`: a tensor of the user's own program, inspected while that waits.
"""
