"""Backward passes that fail: why, from the nodes that they were to run.

failed            a pass that has failed
failed_passes     which of these it was
no_graph          what backward was called on has no history
second_passes     the graph was that of an earlier pass
write_statements  what was saved was written to, and what to write instead
"""
