"""Running a Python script line by line, with what autograd did at every line as records.

The records, and the file they are kept in, are `engine.recording`'s.

    recorder         a lesson as a `Recording`, in this process
    process          a user's script in a process of its own, from its start to its end
    unseen           out of the way of the script, and of what it uses
    passes           every backward pass, a few of them deeply
    lines            every line, with its tensors, its graph and what it calls
    frames           reading frames, objects and files without running their code
    checks           what is wrong with a script
    distributed      what is seen of a script that is one of several ranks
    interventions    what may be changed in a run, as records
    live_tensor      a tensor of the user's own program, inspected while that waits
"""
