"""Where the nodes of a graph stand and how its edges run, in boxes and in rails."""
