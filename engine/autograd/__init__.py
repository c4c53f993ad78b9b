"""The autograd graph behind a tensor, and the real backward pass through it, as records."""
