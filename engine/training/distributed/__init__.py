"""The tutorial's regression on several processes, over `torch.distributed`.

world           which of how many processes this one is, and its share of the points
rank_group      the processes together: what they add, tell each other and agree on
data_parallel   the loop: a local backward pass, and the sum of all ranks' gradients
"""
