"""What follows from another gradient, or another number in a leaf: PyTorch runs it, and says so."""
