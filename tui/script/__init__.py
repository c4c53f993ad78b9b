"""A recording on the screen: positions in it, breakpoints, and the source with its notes."""
