"""A recorded script: the records, the file they are kept in, and what is read off them.

Torch-free: whatever reads a recording needs neither torch nor the script.

    frames                 the file of a recording: its format, and what can be wrong with it
    frame_writer           the process that appends to it
    frame_reader           reading it, also while it grows or where it is damaged
    codec                  records as bytes and back; `codec_format`, `codec_encoder`,
                           `codec_decoder` and `record_types` are its parts
    run_file               a recording while it is written: which frames it is made of
    run_reader             reading it at random, what is looked at decoded when it is looked at
    run_parts              where its lines are, and those decoded last
    lazy_sequence          a sequence whose items are made when they are asked for
    pass_table             the scalars of every backward pass
    joined_chunks          consecutive chunks of them as one, once they are read
    pass_plan              which passes are recorded deeply
    records                `Recording` and `Moment`: a script that was run, line by line
    rank_records           what one process of a distributed run records besides
    journal                a recording while it grows, entry by entry
    gradient_ledger        which backward pass added what to the `.grad` of which leaf
    findings               what is wrong with a run, as its recorder has found out
    problems               all that is wrong with it, each thing once
    mistakes               what there is to explain of a line, and of the error at the end
    source_lines           the lines of a source text, as Python counts them
    syntax                 such a text as syntax, read without a warning
    differences            what became different from one run of a script to another
    lockstep               two runs of nearly the same script, step by step
    known_errors           what PyTorch's own error messages mean, and what to write instead
    known_refusals         those of layers, losses, optimizers and data loaders among them
    explanation            one such meaning, and how its message is recognised
"""
