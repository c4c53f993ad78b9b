"""The autograd graph behind a tensor, and a backward pass through it, as records.

Records, torch-free:
    values            `Value`, `TensorView`: the numbers of a tensor, and how they are written
    graph             `Node`, `Edge`, `Graph`, and `Backward`: one pass through a graph
    backward_order    the order in which autograd's engine runs the nodes
    graphviz          a graph in Graphviz' DOT language

With torch:
    quiet             asking a tensor without anybody noticing
    shared_gradients  gradients that another thread may be letting go of
    own_ref           weak references to tensors that torch does not find
    notes             what was seen of an operation while it ran, kept on its node
    tensor_reader     a live tensor as a `Value` or `TensorView`
    summary           statistics and checksums of a tensor of any size
    saved_tensors     what nodes have saved for the backward pass
    kept_memory       how much memory the nodes of a graph keep alive
    known_values      what nodes have saved that need not be read again
    live_nodes        what can be had of live nodes, as `Node`s
    capture           a live tensor's graph as a `Graph`
    backward          `tensor.backward()`, recorded as a `Backward`
    watched_pass      what hooks see of a pass: every node that runs, when, and the gradients there
    pass_hooks        hooks at every node, for one pass only
    gradient_reader   gradients, read where they pass and kept nowhere
    device_clock      how long a GPU works for each node of it
    not_compiled      out of the way of `torch.compile`
"""
