"""Python programs that need not import torch: a server that has done so forks them.

What a program does from its command line on is the same. Tests of how processes are started, of
what one imports, and comparisons with Python itself start Python itself.
"""
