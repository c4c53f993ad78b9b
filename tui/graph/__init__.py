"""The Graph tab: a recorded script, its autograd graph, and the backward pass through it."""
