"""The commands without a screen: for scripts, for CI and for people who want none.

Like the rest of `tui`, nothing here loads torch until a command needs it.
"""
