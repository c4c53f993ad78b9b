"""`linreg-tui lessons`: what there is to learn, and the names that `graph` and the app take."""

from __future__ import annotations

from argparse import Namespace
from itertools import groupby

from engine.lessons import GROUPS, LESSONS
from tui.cli.printing.json_output import write_json


def run(options: Namespace) -> int:
    """Print every lesson's name and what it shows; returns the exit code."""
    if options.json:
        write_json(
            [
                {"key": one.key, "title": one.title, "summary": one.summary, "group": one.group}
                for one in LESSONS
            ]
        )
        return 0
    width = max(len(lesson.key) for lesson in LESSONS)
    for group, members in groupby(LESSONS, lambda lesson: lesson.group):
        print(f"{GROUPS[group]}:")
        for lesson in members:
            print(f"  {lesson.key:{width}}  {lesson.summary}")
    return 0
