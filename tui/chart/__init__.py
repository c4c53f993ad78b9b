"""The Chart tab: the run in pictures."""
