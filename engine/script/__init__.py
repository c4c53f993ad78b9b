"""Running a Python script line by line, with what autograd did at every line as records.

The records, and the file they are kept in, are `engine.recording`'s.

Running a script:
    recorder               a lesson as a `Recording`, in this process
    subprocess_recorder    a user's script in a process of its own, which can be killed
    supervisor             the same with the script's own streams and exit code
    child                  that process, from its command line to the script
    hiding_files           files beside the script that keep torch from being loaded
    process_tree           the process above it, which ends all that the script has started
    run_script             the script in it, from its first line to its last exit handler
    main_module            the script as the real `__main__`
    source_file            reading the file, with one line for every error

Watching it while it runs:
    passes                 every backward pass, seen at the one function that runs them all
    deep_passes            one of which every node is recorded
    own_pass               the one that the script asked for, run in the middle of it
    quick_passes           which of them are like the one before
    quick_numbers          what is done for each of those
    windows                opening and closing what traces lines, from pass to pass
    last_pass              guessing which pass is the last
    pass_scalars           the loss and the leaves' norms of every pass
    unwritten_passes       passes that have ended and are not written yet
    interventions          what may be changed in a run, as records
    applied_change         that change, carried out once
    compiled_calls         out of the way of what `torch.compile` has made
    jit_traces             out of the way of `torch.jit.trace`
    line_tracer            Python's trace function: which lines run
    harmless_looks         a look at a line that may fail
    frame_variables        a frame's variables, read without changing them
    comprehensions         which lines are part of one that runs
    line_moments           a line that has run as a moment, with its tensors
    line_graphs            which graph is shown after a line
    torch_calls            torch calls, and what they have done
    node_notes             notes on the graph nodes that they make
    expressions            the source text of what runs in a frame
    node_lines             in which line each node of a graph was made
    norms                  norms of many tensors at once
    followed_leaf          one leaf, found again pass after pass
    leaf_rows              what a pass leaves in the leaves, as rows of numbers
    leaf_columns           value, gradient and update of every leaf, from such rows
    narrow_numbers         such numbers in half the width
    own_files              which files are the user's own
    module_path            which `nn.Module` is running
    module_tree            the modules in a module, and what they hold
    positions              where in its source an instruction stands
    loop_variables         the loop variables around a line
    loop_counters          those of them that are numbers, read for each of many passes
    scope                  the tensors among the variables
    untouched              looking into objects without running their code
    snapshots              those tensors, line by line, and which changed
    written_parts          which part of a tensor an assignment wrote
    silent_writes          changes that autograd's version counter did not see
    script_errors          an exception as a record, with the way to it
    uncaught               printing that exception as Python does
    captured_output        stdout and stderr, bounded
    captured_warnings      warnings, at the lines of the script
    recursion_room         room on the stack for all this
    debuggers              out of the way of a debugger that the script starts
    threads_aside          threads of ours that it is not to notice
    signal_handlers        handlers of the script, run where it is
    our_frames             which frames of a stack are ours, and not to be seen

`distributed` has what is seen of a script that is one of several ranks, `checks` what is wrong with
one. And `live_tensor`: a tensor of the user's own program, inspected while that waits.
"""
