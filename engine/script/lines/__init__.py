"""Every line of a script that has run, with its tensors, its graph and the calls that it made.

line_tracer     Python's trace function: which lines run
begun_lines     lines that have begun and not ended
line_scope      the variables that a line may name
stops           ending a script in the middle
followed_thread in which thread they are traced
thread_stack    what another thread runs
lines_aside     lines of other threads: which of them made which nodes
line_moments    a line that has run as a moment, with its tensors
harmless_looks  a look at a line that may fail
line_graphs     which graph is shown after a line
snapshots       the tensors in scope, line by line, and which changed
tensor_content  what a tensor holds at a line, and by what a change of that is recognised
silent_writes   changes that autograd's version counter did not see
written_parts   which part of a tensor an assignment wrote
node_lines      in which line each node of a graph was made
node_notes      notes on the nodes of graphs that calls make
torch_calls     torch calls, and what they have done
applied_change  a change that is tried out, carried out once
"""
