"""A script that is one of several ranks: which one it is, and what the ranks do together.

launch                 which process of which launch this is, and the file it is recorded in
rank_watch             all of it, begun where a script of several ranks begins
collectives            every call in which the ranks wait for each other
data_parallel          what `DistributedDataParallel` reduces, and in which buckets
own_reductions         gradients that the script reduces by its own calls
followed_leaves        the leaves of which each rank's gradient is recorded
local_gradients        what one pass leaves in them before the ranks reduce it
pending_pass           a pass whose gradients may still be reduced
rank_passes            what became of them, as a record
marks                  norms and digests, which tell tensors of different ranks apart
loss_samples           over how many numbers a loss is a mean
loss_scale             the scale of the GradScaler that is in use
"""
