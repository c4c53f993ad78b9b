"""Mistakes found while a script runs, from live tensors, versions, lines and names.

`checks` is what the recorder holds. It has four that are told what happens, know what the others
have seen by `run_so_far`, and add what is found to the journal. These ask the rest, one kind of
mistake a file:

- `call_checks` of every call of torch: `broadcasts`, `writes`, `cuts`; `refused_calls`
- `pass_checks` of every pass that is recorded deeply: `losses`, `kept_graphs`, `grown_graphs`,
  `lost_gradients`, `numbers`, `failures`; of a script's text `statements`
- `optimizer_checks`, in `optimizers`, of every step
- `threads` of every error that a thread has not caught

`places` has the lines and the names that they speak of, `words` what they say of one, `grad_mode`
who has switched it off.
"""
