"""The process in which a user's script runs, from its start to its end, and those around it.

child                the process of a script, from its command line to `run_script`
hiding_files         files beside the script that keep torch from being loaded
main_module          the script as the real `__main__`
process_tree         the process above it, which ends all that the script has started
script_process       that process as it is seen from outside, which may wait for its script
subprocess_recorder  a user's script in a process of its own, which can be killed
supervisor           the same with the script's own streams and exit code
last_words           the end of a recording, however its script ends
run_script           the script in it, from its first line to its last exit handler
"""
