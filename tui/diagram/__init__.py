"""Drawing an autograd graph: its boxes, its rows, and all that is known of one node."""
