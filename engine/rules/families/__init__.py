"""The written rules, by family: each module has tables of them by autograd's class names.

By elements: `elementwise`, `special`, `activations`, `complex_numbers`.
That combine: `reductions`, `products`, `linalg`, `decompositions`, `normalisation`, `losses`.
That move or pick: `shapes`, `indexing`, `assignment`, `sampling`.
"""
