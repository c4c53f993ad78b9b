"""The recordings of several ranks as one distributed run: what no rank can see alone.

Torch-free.

    distributed_run        `DistributedRun`: the recordings of a run, by rank
"""
