"""Gradients that do not come where they are meant to.

leaves         leaves that are not what they were meant to be
flat           operations whose derivative is zero
hooks          hooks that let nothing through
own_functions  functions of the script's own that return none
"""
