"""Sessions: a whole experiment in a file, from which it goes on exactly.

session         `Session`: what is saved
storage         `save`, `load`, and where the autosave goes
lock            one program at a time writes a session
schema          a session as plain values, and what must hold of one that is loaded
own_versions    what somebody has made of lessons and scripts, as text files
json_records    frozen records as plain values for JSON, by their type hints

None of them loads torch.
"""
