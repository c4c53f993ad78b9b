"""Calls that torch refuses: what it was given, and what is said of that.

refusals  a call that torch has refused
operands  which of its tensors does not fit
targets   a loss or a table that refuses numbers
"""
