"""What the command line may say: a parser for every command."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import get_args

from tui.chart.figures.kinds import Chart
from tui.cli.options.data_options import add_data
from tui.cli.options.parser import Parser, add_general
from tui.cli.options.screen_options import add_screen
from tui.cli.options.training_options import add_training
from tui.cli.options.values import one_of, port, positive, whole
from tui.kit.glyph_level import Level

DESCRIPTION = "See PyTorch's autograd and gradient descent work, step by step, in a terminal."

USAGE = """linreg-tui [LESSON] [options]
       linreg-tui inspect FILE.py|-m MODULE|RUN [options] [-- ARGUMENTS]
       linreg-tui record FILE.py|-m MODULE [-o RUN] [options] [-- ARGUMENTS]
       linreg-tui check FILE.py|-m MODULE|RUN [options] [-- ARGUMENTS]
       linreg-tui train [options] [--json]
       linreg-tui chart [CHART] [options]
       linreg-tui graph LESSON|FILE.py|-m MODULE|RUN [options] [-- ARGUMENTS]
       linreg-tui serve [LESSON|FILE.py|-m MODULE|RUN] [options] [-- ARGUMENTS]
       linreg-tui lessons [--json]
       linreg-tui doctor [--json]
       linreg-tui config --path|--show|--check
       linreg-tui completion bash|zsh|fish"""

GUIDE = """\
commands:
  (none)           open the app: the graph, training and charts in three tabs
  LESSON           open the app at a lesson or a mistake
  inspect TARGET   open the app on your own Python file, module or recording
  record TARGET    run a Python file or module as usual, and record it in a file
  check TARGET     run a Python file or module, and print only what is wrong
  train            train without a screen and print iteration, w, b and loss
  chart [CHART]    train, and print fit, loss, params, surface or residuals
  graph TARGET     print a graph and its backward pass, also of a lesson
  serve            open the app in a browser
  lessons          list the lessons and the mistakes by name
  doctor           say what is wrong with the terminal, the device and the files
  config           show or check the configuration file
  completion       print a script that completes commands in a shell

  linreg-tui COMMAND --help tells more of each."""

HOST = "127.0.0.1"
PORT = 8000

KEYS = """\
keys in the app (upper case goes back):
  1 2 3    graph, train, chart         n N    next, previous line or iteration
  space    play, pause                 s S    into backward, node by node
  c        to the end                  f      finish the pass or the iteration
  r        start again                 ? q    all keys, quit"""

EXIT_CODES = """\
exit codes:
  0 done   1 diverged or failed   2 wrong use or bad input   130 interrupted
  128+n signal n
  check ends with 1 where anything is wrong
  record ends as the script does, and with 124 where --time stops it"""


def app() -> Parser:
    """The parser of the app's options, without a command."""
    parser = Parser(
        "linreg-tui",
        usage=USAGE,
        description=f"{DESCRIPTION}\n\n{GUIDE}",
        epilog=f"{KEYS}\n\n{EXIT_CODES}",
    )
    add_training(parser)
    add_data(parser)
    add_screen(parser)
    _add_session(parser)
    add_general(parser).add_argument("--version", action="store_true", help="show it and exit")
    return parser


def _add_session(parser: Parser) -> None:
    says = "go on from a saved session (default: the one saved on the last way out)"
    group = parser.add_argument_group("session")
    group.add_argument("--resume", metavar="FILE", nargs="?", const="", help=says)


def train() -> Parser:
    """The parser of `train`, which trains without a screen."""
    parser = Parser(
        "linreg-tui train",
        description="Train without a screen. Rows hold the iteration, counted from 0, w and b\n"
        "after its update, and the loss before it. Default: the reference run. A run\n"
        "that cannot recover is stopped at the first sign of it, with exit code 1.",
    )
    add_training(parser)
    add_data(parser)
    _add_scale(parser)
    output = parser.add_argument_group("output")
    says = "iterations from row to row (default 200)"
    output.add_argument("--print-every", type=positive, default=200, metavar="N", help=says)
    output.add_argument("--json", action="store_true", help="JSON Lines: an object a row")
    device = parser.add_argument_group("on a GPU")
    says = "launch the loop as a CUDA graph, and say whether it keeps the bits of the plain loop"
    device.add_argument("--cuda-graph", action="store_true", help=says)
    add_general(parser)
    return parser


def _add_scale(parser: Parser) -> None:
    """Add what spreads a run over processes, and what reads any amount of data."""
    group = parser.add_argument_group("several processes, and any amount of data")
    says = "under torchrun --nproc-per-node N --no-python: share the points among\n"
    says += "its ranks, and add their gradients"
    group.add_argument("--distributed", action="store_true", help=says)
    says = "read the data once and keep sums of them; then every iteration by\n"
    says += "formula, in float64"
    group.add_argument("--gram", action="store_true", help=says)


def chart() -> Parser:
    """The parser of `chart`, which prints a chart as text."""
    parser = Parser(
        "linreg-tui chart",
        description="Train without a screen, then print one chart of it.",
    )
    _add_chart(parser)
    add_training(parser)
    add_data(parser)
    add_general(parser)
    return parser


def _add_chart(parser: Parser) -> None:
    """Add which chart, and how it is printed."""
    says = f"{', '.join(Chart)} (default fit)"
    parser.add_argument(
        "chart", nargs="?", type=one_of(*Chart), default="fit", metavar="CHART", help=says
    )
    group = parser.add_argument_group("output")
    for name, metavar, of in (("width", "COLUMNS", "wide"), ("height", "ROWS", "high")):
        says = f"how {of} (default: as the terminal, else 80×24)"
        group.add_argument(f"--{name}", type=whole, metavar=metavar, help=says)
    says = "in colour, also where stdout is no terminal or NO_COLOR is set"
    group.add_argument("--color", action="store_true", help=says)
    says = "braille, block or ascii (default: what the terminal can show)"
    group.add_argument("--glyphs", type=one_of(*get_args(Level)), metavar="GLYPHS", help=says)


def serve() -> Parser:
    """The parser of `serve`, which hands to the app what it does not know itself."""
    parser = Parser(
        "linreg-tui serve",
        usage="linreg-tui serve [--host HOST] [--port PORT]\n"
        "       [LESSON|FILE.py|-m MODULE|RUN] [options] [-- ARGUMENTS]",
        description="Open the app in a browser: every tab is a run of its own, which ends when it\n"
        "is closed. All other arguments are those of the app, or of inspect: a lesson, a\n"
        "file, --theme, --lr and so on. Needs pip install 'linreg-tui[web]'.",
    )
    group = parser.add_argument_group("where")
    says = "the address to listen at: who reaches it can run Python here as you\n"
    says += f"(default {HOST}, this machine only)"
    group.add_argument("--host", default=HOST, metavar="HOST", help=says)
    says = f"0 is any that is free (default {PORT})"
    group.add_argument("--port", type=port, default=PORT, metavar="PORT", help=says)
    add_general(parser)
    return parser


def lessons() -> Parser:
    """The parser of `lessons`, which lists the lessons."""
    parser = Parser("linreg-tui lessons", description="List the lessons and the mistakes.")
    parser.add_argument("--json", action="store_true", help="a list of objects")
    add_general(parser)
    return parser


def doctor() -> Parser:
    """The parser of `doctor`, which reports what is wrong here."""
    parser = Parser(
        "linreg-tui doctor",
        description="Say what there is, what is wrong with it and what to do about that.\n"
        "Exit code 1 where there is something to do.",
    )
    parser.add_argument("--json", action="store_true", help="a list of objects")
    add_general(parser)
    return parser


def config() -> Parser:
    """The parser of `config`, which prints or checks the configuration file."""
    parser = Parser(
        "linreg-tui config",
        description="Flags beat environment variables (LINREG_TUI_THEME and so on), which beat\n"
        "the file, which beats the defaults.",
    )
    wanted = parser.add_mutually_exclusive_group(required=True)
    for name, says in (
        ("path", "where the file is looked for"),
        ("show", "what holds now, in the file's own form"),
        ("check", "whether the file is right; names line and key where it is not"),
    ):
        wanted.add_argument(f"--{name}", action="store_const", dest="wanted", const=name, help=says)
    add_general(parser)
    return parser


def completion() -> Parser:
    """The parser of `completion`, which prints a script for a shell."""
    parser = Parser(
        "linreg-tui completion",
        description="Print a script that completes commands and options. For bash, add to\n"
        '~/.bashrc: eval "$(linreg-tui completion bash)"',
    )
    shells = ("bash", "zsh", "fish")
    parser.add_argument("shell", choices=shells, metavar="SHELL", help="bash, zsh or fish")
    add_general(parser)
    return parser


def _of_a_script(command: str) -> Callable[[], Parser]:
    """A parser of a command that takes a script, or the recording of one."""

    def parser() -> Parser:
        # Late, by name: what is known of scripts.
        made: Parser = getattr(import_module("tui.cli.options.script_parsers"), command)()
        return made

    return parser


PARSERS: dict[str, Callable[[], Parser]] = {
    "": app,
    "inspect": _of_a_script("inspect"),
    "record": _of_a_script("record"),
    "check": _of_a_script("check"),
    "train": train,
    "chart": chart,
    "graph": _of_a_script("graph"),
    "serve": serve,
    "lessons": lessons,
    "doctor": doctor,
    "config": config,
    "completion": completion,
}
