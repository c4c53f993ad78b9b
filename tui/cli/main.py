"""The command line: reads what is wanted and hands over to the app or a headless command.

`--help` and `--version` are answered at once, so nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.script.source_file import SourceError, read_source
from tui import __version__
from tui.cli.data_options import complain_of_dropped
from tui.cli.options import problem, set_defaults, training_readers
from tui.cli.output import complain, drop_stdout, prepare_streams
from tui.cli.parsers import PARSERS
from tui.cli.resume import resumed
from tui.config.config_file import SETTINGS, Actions, Config, ConfigError, config_path, read_config
from tui.config.errors import UsageError, suggestion
from tui.config.terminal import UNKNOWN
from tui.script.subject import Subject

STDIN = "-"
"""As a file of data."""
BROKEN_PIPE = 128 + 13
"""What a shell reports for a program that SIGPIPE ended."""

HEADLESS = "linreg-tui train, linreg-tui graph, linreg-tui lessons"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    prepare_streams()
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except (UsageError, SourceError) as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        complain("interrupted")
        return 130
    except BrokenPipeError:
        drop_stdout()
        return BROKEN_PIPE
    except OSError as error:
        drop_stdout()
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}")
        return 1
    return code


def _run(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    try:
        if not first or first.startswith("-"):
            return _app(arguments)
        if first in COMMANDS:
            return COMMANDS[first](arguments[1:])
    except SystemExit:  # argparse has printed the help
        return 0
    if first.endswith(".py"):
        raise UsageError(f"put a command first: linreg-tui inspect {first}")
    known = suggestion(first, COMMANDS) or f"; commands are {', '.join(COMMANDS)}"
    raise UsageError(f"unknown command {first}{known}")


def _read(command: str, arguments: list[str], actions: Actions | None = None) -> Namespace:
    """The options, and as `config` what the configuration file says beside them."""
    parser = PARSERS[command]()
    wrong: ConfigError | None = None
    try:
        found = read_config(config_path(), training_readers(parser), actions)
        set_defaults(parser, found.training)
    except ConfigError as error:
        wrong = error
    options = parser.read(arguments)  # which may be the help, whatever the file says
    if wrong is not None and not getattr(options, "version", False):
        raise wrong
    options.config = found if wrong is None else Config(config_path())
    return options


def _actions() -> list[str]:
    from tui.app.app import LinregApp

    return LinregApp.actions()


def _app(arguments: list[str]) -> int:
    if command := next((word for word in arguments if word in COMMANDS), None):
        raise UsageError(f"put the command first: linreg-tui {command} [options]")
    options = _read("", arguments, _actions)
    if options.version:
        print(f"linreg-tui {__version__}")
        return 0
    return _open(options)


def _inspect(arguments: list[str]) -> int:
    arguments, own = _split(arguments)
    options = _read("inspect", arguments, _actions)
    read_source(options.file)
    from tui.script.subject import Script

    return _open(options, Script(options.file, tuple(own), options.tensor))


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The options, and what follows `--`: the file's own, whatever it looks like."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _train(arguments: list[str]) -> int:
    options = _read("train", arguments)
    if options.print_every < 1:
        raise UsageError(f"--print-every must be at least 1, not {options.print_every}")
    described = problem(options)
    complain_of_dropped(described)
    from tui.cli.train import train

    return train(described, options.print_every, as_json=options.json)


def _chart(arguments: list[str]) -> int:
    options = _read("chart", arguments)
    described = problem(options)
    complain_of_dropped(described)
    from tui.cli.chart import chart

    return chart(described, options)


def _graph(arguments: list[str]) -> int:
    arguments, own = _split(arguments)
    options = PARSERS["graph"]().read(arguments)
    from tui.cli.graph import graph

    return graph(options.target, options.form, tensor=options.tensor, arguments=own)


def _lessons(arguments: list[str]) -> int:
    options = PARSERS["lessons"]().read(arguments)
    from tui.cli.lessons import lessons

    return lessons(as_json=options.json)


def _doctor(arguments: list[str]) -> int:
    options = PARSERS["doctor"]().read(arguments)
    from tui.cli.doctor import doctor

    return doctor(training_readers(PARSERS[""]()), _actions, as_json=options.json)


def _config(arguments: list[str]) -> int:
    options = PARSERS["config"]().read(arguments)
    from tui.cli.config import config

    return config(options.wanted, training_readers(PARSERS[""]()), _actions)


def _completion(arguments: list[str]) -> int:
    options = PARSERS["completion"]().read(arguments)
    from tui.cli.completion import completion

    return completion(options.shell, {name: make() for name, make in PARSERS.items()})


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "inspect": _inspect,
    "train": _train,
    "chart": _chart,
    "graph": _graph,
    "lessons": _lessons,
    "doctor": _doctor,
    "config": _config,
    "completion": _completion,
}


def _open(options: Namespace, subject: Subject | None = None) -> int:
    """The app, where there is a screen for it; its exit code."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if not all(stream and stream.isatty() for stream in streams):
        raise UsageError(f"the app needs a terminal; without one: {HEADLESS}")
    term = os.environ.get("TERM", "")
    if os.name == "posix" and term in UNKNOWN:
        raise UsageError(f"the app cannot draw where TERM is {term!r}; use {HEADLESS}")
    flags = {setting.key: getattr(options, setting.key) for setting in SETTINGS}
    if options.data == STDIN:
        raise UsageError(f"the app reads its keys from standard input; use {HEADLESS}")
    described = problem(options)
    # Until torch is there nothing of what is made can go away, and looking for it takes time.
    gc.disable()
    # Textual would believe these for ever and take no notice of the terminal's new size.
    os.environ.pop("COLUMNS", None)
    os.environ.pop("LINES", None)
    from tui.app.app import LinregApp
    from tui.config.settings import settings_here

    settings = settings_here(options.config, flags)
    path = getattr(options, "resume", None)
    session = None if path is None else resumed(Path(path) if path else None)
    app = LinregApp(described, subject, settings, session)
    if sys.platform != "win32":
        from tui.process.guard import run

        run(app, mouse=settings.mouse)
    app.run(mouse=settings.mouse)
    return app.return_code or 0
