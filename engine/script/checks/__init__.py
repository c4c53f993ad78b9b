"""Mistakes found while a script runs, from live tensors, versions, lines and names.

`checks` asks the others, one kind of mistake a file, and adds what they find to the journal:

- of calls: `broadcasts`, `writes`, `cuts`, `operands`, `clipping`
- of passes: `zeroing`, `flat`, `hooks`, `leaves`, `kept_graphs`, `failed_passes`, `not_finite` with
  the functions' `domains`
- of a whole run: `steps`, `growth`
- of the text: `statements`, `grad_mode`
"""
