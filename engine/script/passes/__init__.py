"""Every backward pass of a script: a few numbers of each, and all of those recorded deeply.

passes            every backward pass, seen at the one function that runs them all
seen_passes       one of them, in the middle of all that is to be seen of it
spared_passes     which of them need not be looked at
thread_turns      whose turn it is to be followed, of several threads
deep_passes       one of which every node is recorded
passes_beside     those of other threads, held up while one is recorded deeply
unseen_passes     those that are not recorded, which is said
windows           opening and closing what traces lines, from pass to pass
leaf_rows         what a pass leaves in the leaves, as rows of numbers
leaf_columns      value, gradient and update of every leaf, from such rows
followed_leaf     one leaf, found again pass after pass
narrow_numbers    numbers in half the width, where nothing is lost
number_memory     a single number of a tensor, read where it is in memory
norms             norms of many tensors at once
taken_scalars     taking them so that nothing goes wrong
pass_scalars      the loss and the leaves' norms of every pass
unwritten_passes  passes that have ended and are not written yet
last_pass         guessing which pass is the last
quick_passes      which passes are like the one before
quick_numbers     what is done for each of those
"""
