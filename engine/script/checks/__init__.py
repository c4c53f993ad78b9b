"""Mistakes found while a script runs, from live tensors, versions, lines and names.

`checks` asks the others, one kind of mistake a file, and adds what they find to the journal:

- of calls: `broadcasts`, `writes`, `cuts`, `clipping`; `operands` and `targets` of refused ones,
  which are `refusals`
- of passes: `zeroing`, `flat`, `hooks`, `leaves`, `losses`, `kept_graphs`,
  `own_functions`, `not_finite` with the
  functions' `domains`; `failed_passes` and `no_graph` of those that `failed`
- of a whole run: `steps`, `growth`
- of the text: `statements`, `grad_mode`
"""
