"""Mistakes in plain sentences: what happened, why, and what to write instead.

mistakes        what there is to explain of a line, and of the error at the end
known_errors    what PyTorch's own error messages mean
known_refusals  those of layers, losses, optimizers and data loaders among them
explanation     one such meaning, and how its message is recognised
"""
