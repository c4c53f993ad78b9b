"""A file's name as an option or an argument takes it."""

from __future__ import annotations

import argparse


def file_name(text: str) -> str:
    """A name that is not empty, which would stand for the folder; else an ArgumentTypeError."""
    if not text:
        raise argparse.ArgumentTypeError("is an empty name")
    return text
