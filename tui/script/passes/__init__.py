"""All passes of a script's run, as the Train and the Chart tab show them while one is open.

script_run    the run as all tabs see it; `script_pane` and `pass_keys` are of the two tabs
histories     what both read of it: `pass_history`, `rank_history`, in blocks of norms
pass_words    a pass in words; `pass_status` in one line
"""
