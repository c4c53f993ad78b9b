"""Mistakes found while a script runs, from live tensors, versions, lines and names.

`checks` is what the recorder holds. It has three that are told what happens, know what the others
have seen by `run_so_far`, and add what is found to the journal. These ask the rest, one kind of
mistake a file:

- `call_checks` of every call of torch: `broadcasts`, `writes`, `cuts`, `clipping`; `operands` and
  `targets` of refused ones, which are `refusals`
- `pass_checks` of every pass that is recorded deeply: `flat`, `hooks`, `leaves`, `losses`,
  `kept_graphs`, `grown_graphs`, `own_functions`, `not_finite` with the functions' `domains`;
  `failed_passes`, `no_graph`, `second_passes` and `write_statements` of those that `failed`; of a
  whole run `growth` with the `ascents`, and of its text `statements`
- `optimizer_checks` of every step: `zeroing`, `steps` with their `step_words`, the parameters that
  are `followed`, what is `chosen`; optimizers that are `unstepped`

`places` has the lines and the names that they speak of, `words` what they say of one, `grad_mode`
who has switched it off.
"""
