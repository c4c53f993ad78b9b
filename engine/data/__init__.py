"""Data to learn from: points drawn at random, or the columns of a CSV file."""
