"""The gradient of a node, computed anew by torch of what the node has saved.

recomputed         that gradient as a rule, with the function's name in its text
vector_jacobian    that gradient, by torch's own autograd
derivatives        PyTorch's own list: which function a node is of
arguments          that function's arguments, from what the node has saved
restored           the argument of a decomposition, from its factors
stand_ins          what some hardware or precision has no function for
"""
