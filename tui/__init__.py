"""The terminal program: knows the screen, gets everything else as records from `engine`.

Importing it loads neither torch nor plotext: the first frame is painted before they are there.
"""
