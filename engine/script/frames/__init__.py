"""What a script's frames, objects and files say, read without running any code of theirs.

frame_variables  a frame's variables, read without changing them
untouched        looking into objects without running their code
scope            the tensors among the variables
module_tree      the modules in a module, and the tensors that they hold
module_state     whether modules hold the same as before
known_modules    the tensors in modules, found again only where these have changed
module_path      which `nn.Module` is running
loop_variables   the loop variables around a line
loop_counters    those of them that are numbers, read for each of many passes
positions        where in its source an instruction stands
comprehensions   which lines are part of one that runs
expressions      the source text of what runs in a frame
own_files        which files are the user's own
source_file      reading the file, with one line for every error
script_errors    an exception as a record, with the way to it
"""
