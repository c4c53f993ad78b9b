"""The Train tab: the loop as code, stepped both ways, with its numbers."""
