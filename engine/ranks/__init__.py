"""The recordings of several ranks as one distributed run: what no rank can see alone.

Torch-free.

    distributed_run        `DistributedRun`: the recordings of a run, by rank
    rank_folder            a folder of recordings as one run, also while they are written
    launches               which recordings of a folder those are
    same_pass              what the ranks recorded of the same pass
    averages               the mean of a tensor over the ranks, plain and weighted
    reductions             what the ranks made of their local gradients
    rank_fault             `RankFault`: one thing that is wrong between ranks
    faults                 all that is wrong between them
    spread                 a number over the passes, a curve a rank, and how far they are apart
"""
