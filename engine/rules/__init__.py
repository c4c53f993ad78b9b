"""The local derivative rule of every autograd operation: in symbols, in numbers, and checked.

`local_rules` works on records alone. Each rule is evaluated from what the node had saved and
compared with the gradient autograd really produced. The tables are grouped by family.
"""
