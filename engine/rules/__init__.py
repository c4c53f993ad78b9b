"""The local derivative of every autograd operation: in symbols, in numbers, and checked.

    local_rule    `LocalRule`: one rule evaluated at one node; torch-free
    table         all rules, and `local_rules`: those of one node, compared with autograd
    context       what a rule reads: one input of a node, its gradients and saved values
    term, text    expressions that carry symbols, numbers and result; `functions` of them, and of
                  `matrices`; `named`: those of saved tensors

The rules by family: `activations`, `assignment`, `complex_numbers`, `decompositions`,
`elementwise`, `indexing`, `linalg`, `losses`, `normalisation`, `products`, `reductions`, `sampling`, `shapes`, `special`.

Without a written rule:
    recomputed         the gradient of any function, computed anew by torch, as a rule
    vector_jacobian    that gradient, by torch's own autograd
    derivatives        PyTorch's own list: which function a node is of
    arguments          that function's arguments, from what the node has saved
    restored           the argument of a decomposition, from its factors
    stand_ins          what some hardware or precision has no function for
"""
