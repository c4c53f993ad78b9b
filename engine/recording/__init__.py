"""A recorded script: the records, the file they are kept in, and what is read off them.

Torch-free: whatever reads a recording needs neither torch nor the script.

    file                   the file it is kept in: written, read at random, decoded
    explanations           what mistakes and error messages mean, in plain sentences
    pass_chunk             the scalars of consecutive backward passes, as they are written
    pass_table             those of all passes of a run
    joined_chunks          consecutive chunks as one, once they are read
    pass_plan              which passes are recorded deeply
    records                `Recording` and `Moment`: a script that was run, line by line
    rank_records           what one process of a distributed run records besides
    journal                a recording while it grows, entry by entry
    gradient_ledger        which backward pass added what to the `.grad` of which leaf
    findings               what is wrong with a run, as its recorder has found out
    problems               all that is wrong with it, each thing once
    source_lines           the lines of a source text, as Python counts them
    syntax                 such a text as syntax, read without a warning
    differences            what became different from one run of a script to another
    lockstep               two runs of nearly the same script, step by step
"""
