"""The local derivative of every autograd operation: in symbols, in numbers, and checked.

local_rule    `LocalRule`: one rule evaluated at one node; torch-free
table         all rules, and `local_rules`: those of one node, compared with autograd
operands      what the script calls the inputs, and rules in its words; torch-free
context       what a rule reads: one input of a node, its gradients and saved values
term, text    expressions that carry symbols, numbers and result
rounding      how far rounding may move their results
named         those of saved tensors, and of the constants of mathematics
functions     functions of them; `matrices`: those of linear algebra
families      the written rules
anew          what stands in where none is written: computed anew by torch
"""
