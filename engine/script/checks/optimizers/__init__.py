"""Steps of optimizers, and what gradients they find.

optimizer_checks  what is looked at when one steps
steps             what is stepped, and what is left out
step_words        what is said of that
followed          what is remembered of a parameter
chosen            parameters that a forward pass may choose among
unstepped         optimizers that never step
zeroing           gradients that add up from pass to pass
clipping          gradients clipped while they are scaled
"""
