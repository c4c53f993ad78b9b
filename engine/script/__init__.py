"""A Python script run line by line, and everything that autograd did on the way, as records."""
