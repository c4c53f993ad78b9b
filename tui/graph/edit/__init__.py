"""Changing the text of a lesson or a script in place, running it, and seeing what differs."""
