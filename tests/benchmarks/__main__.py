"""`python -m tests.benchmarks [NAME…] [--json FILE] [--quick]`: every figure, measured here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.machine import machine
from tests.benchmarks.suite import FAMILIES, everything, run, select


def main() -> int:
    """Print the table row by row as figures are found; returns 2 for a name that is none."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    says = f"a family ({', '.join(FAMILIES)}), a benchmark or one figure; all for none"
    parser.add_argument("names", nargs="*", metavar="NAME", help=says)
    parser.add_argument("--json", type=Path, metavar="FILE", help="all samples as well")
    parser.add_argument("--quick", action="store_true", help="small sizes, in a tenth of the time")
    parser.add_argument("--list", action="store_true", help="names, and nothing is measured")
    options = parser.parse_args()
    try:
        chosen = select(everything(), options.names)
    except KeyError as error:
        print(f"no such figure: {error.args[0]}; --list names all", file=sys.stderr)
        return 2
    if options.list:
        for one in chosen:
            print(f"{one.name:<20} {one.what}")
        return 0
    facts = machine()
    for name, fact in facts.items():
        print(f"{name:<12} {fact}")
    print(f"\n{report.header()}", flush=True)
    figures = []
    for figure in run(chosen, options.names, quick=options.quick):
        figures.append(figure)
        print(report.line(figure), flush=True)
        if options.json:
            report.write_json(options.json, figures, facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
