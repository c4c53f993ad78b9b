"""The parsers of the commands that take a script, or the recording of one."""

from __future__ import annotations

from tui.cli.options.data_options import add_data
from tui.cli.options.parser import Parser, add_general
from tui.cli.options.screen_options import add_screen
from tui.cli.options.script_options import add_pass, add_rank, add_recording, add_target
from tui.cli.options.training_options import add_training

KEEPS = "keep the recording in this file, which must not exist"


def inspect() -> Parser:
    """Return the parser of `inspect`, which opens the app on a script or a recording."""
    parser = Parser(
        "linreg-tui inspect",
        usage="linreg-tui inspect FILE.py|-m MODULE|RUN [options] [-- ARGUMENTS]",
        description="Open the app on your own Python file or module, run with the ARGUMENTS after\n"
        "--, or on a recording, also one that is still being written.",
    )
    add_target(
        parser, "FILE.py|RUN", "a script, run once and recorded, a recording, or a folder of them"
    )
    says = "open at this tensor's graph (default: the last backward pass)"
    parser.add_argument("--tensor", metavar="NAME", help=says)
    add_pass(parser)
    add_recording(parser, KEEPS)
    add_training(parser)
    add_data(parser)
    add_screen(parser)
    add_general(parser)
    return parser


def record() -> Parser:
    """Return the parser of `record`, which runs a script and keeps its recording."""
    parser = Parser(
        "linreg-tui record",
        usage="linreg-tui record FILE.py|-m MODULE [-o RUN] [options] [-- ARGUMENTS]",
        description="Run your own Python file or module with the ARGUMENTS after --, to its own\n"
        "end, and record it in a file. Its output and exit code are as without this;\n"
        "signals go on to it. While it runs, and afterwards, in any terminal:\n\n"
        "  linreg-tui inspect RUN\n\n"
        "Started by torchrun or srun, or with RANK and WORLD_SIZE set, RUN is a folder,\n"
        "with a recording of every rank:\n\n"
        "  torchrun --no-python linreg-tui record FILE.py -o RUN",
        epilog="exit codes:\n"
        "  those of the script, 128+n where signal n ends it; 124 where --time stops it,\n"
        "  1 where --limit does; 2 with one line on stderr where it cannot be recorded,\n"
        "  and is not run",
    )
    add_target(parser, "FILE.py", "the script")
    says = "the file to record in, which must not exist\n(default: script's name, date and time)"
    add_recording(parser, says)
    general = add_general(parser)
    says = "do not say at the end where the recording is"
    general.add_argument("--quiet", action="store_true", help=says)
    return parser


def check() -> Parser:
    """Return the parser of `check`, which prints what is wrong with a script."""
    parser = Parser(
        "linreg-tui check",
        usage="linreg-tui check FILE.py|-m MODULE|RUN [options] [-- ARGUMENTS]",
        description="Run your own Python file or module with the ARGUMENTS after --, or read a\n"
        "recording, and print only what is wrong with its gradients and its training, one\n"
        "line each: FILE:LINE: what. why. → what to write. What the script prints is not\n"
        "shown.",
        epilog="exit codes:\n"
        "  0 nothing is wrong   1 something is, or the script failed   2 wrong use",
    )
    add_target(
        parser, "FILE.py|RUN", "your own script, a recording, or a folder of them, one a rank"
    )
    parser.set_defaults(form="text")
    says = "a list of objects: kind, file, line, pass, what, why, instead"
    parser.add_argument("--json", action="store_const", dest="form", const="json", help=says)
    add_recording(parser, KEEPS)
    add_general(parser)
    return parser


def graph() -> Parser:
    """Return the parser of `graph`, which prints a graph as text."""
    parser = Parser(
        "linreg-tui graph",
        usage="linreg-tui graph LESSON|FILE.py|-m MODULE|RUN [options] [-- ARGUMENTS]",
        description="Run a lesson or a Python file or module once, with the ARGUMENTS after\n"
        "--, or read a recording, and print the graph of the backward pass that the\n"
        "lesson is about, or of the last one, with the gradient at every node; without a\n"
        "pass, the last graph. What the script printed, its error, and what there is to\n"
        "know about that go to stderr. For a picture:\n\n"
        "  linreg-tui graph FILE.py --dot | dot -Tsvg > graph.svg",
    )
    says = "a lesson's name, your own script, a recording, or a folder of them, one a rank"
    add_target(parser, "LESSON|FILE.py|RUN", says)
    says = "this tensor's graph (default: the last backward pass)"
    parser.add_argument("--tensor", metavar="NAME", help=says)
    add_pass(parser)
    add_rank(parser)
    parser.set_defaults(form="text")
    forms = parser.add_mutually_exclusive_group()
    for form, says in (
        (
            "json",
            "one object: nodes, edges [from, to, input index], backward, pass, error …",
        ),
        ("dot", "Graphviz source, without the backward pass"),
    ):
        forms.add_argument(f"--{form}", action="store_const", dest="form", const=form, help=says)
    add_recording(parser, KEEPS)
    add_general(parser)
    return parser
