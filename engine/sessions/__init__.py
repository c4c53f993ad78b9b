"""Sessions: a whole experiment in a file, from which it goes on exactly as it was.

    session    the record of what is saved
    storage    `save`, `load`, and where the autosave goes
    lock       one program at a time writes a session
    document   a session as plain values, and everything that must hold of one that is loaded
    plain      frozen records as plain values, by their type hints

All without torch.
"""
