"""Out of a script's way: what it, a debugger or a compiler could see of us, and what it prints.

our_frames         which frames of a stack are ours, and not to be seen
recursion_room     room on the stack for all that we do
debuggers          out of the way of a debugger that the script starts
jit_traces         out of the way of `torch.jit.trace`
compiled_calls     out of the way of what `torch.compile` has made
signal_handlers    handlers of the script, run where it is
main_thread        having the main thread run something of ours
threads_aside      threads of ours that it is not to notice
uncaught           printing an exception that nobody caught, as Python does
captured_output    stdout and stderr, bounded
captured_warnings  warnings, at the lines of the script
own_pass           the pass that the script asked for, run in the middle of ours
"""
