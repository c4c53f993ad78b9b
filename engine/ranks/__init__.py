"""The recordings of several ranks as one distributed run: what no rank can see alone.

Torch-free.

    distributed_run        `DistributedRun`: the recordings of a run, by rank
    rank_folder            a folder of recordings as one run, also while they are written
    launches               which recordings of a folder those are
    same_pass              what the ranks recorded of the same pass
    averages               the mean of a tensor over the ranks, plain and weighted
    reductions             what the ranks made of their local gradients
    drawn_reductions       the all-reduce as a node of the graph, where PyTorch has none
    rank_fault             `RankFault`: one thing that is wrong between ranks
    faults                 all that is wrong between them
    differing              which numbers differ though they should not, since when
    parameter_faults       gradients that differ after they were reduced, parameters that drift
    unused_faults          parameters that the pass of a rank, or of all, does not reach
    shard_faults           shards of unequal size, averaged without weights
    sample_faults          ranks that see the same samples
    scale_faults           scales of GradScaler that differ
    standing               where each rank stands: running, waiting, ended, or dead of what
    waiting_faults         ranks that wait for each other, or for one that does not come
    death_faults           the rank that died first
    pass_places            where in the source that was
"""
