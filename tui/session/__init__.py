"""The session in its file: saved, opened, and gone on from."""
