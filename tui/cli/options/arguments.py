"""Reading one command's arguments: its options, and what the configuration file adds to them.

Wrong use is answered here, before the command's module and torch with it are loaded.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from engine.data.source import STDIN
from engine.lessons import find
from tui.cli.options.command_parsers import PARSERS
from tui.cli.options.data_options import tell_of_reading
from tui.cli.options.parser import Parser
from tui.cli.options.training_options import problem, set_defaults, training_readers
from tui.config.config_file import Config, config_path, read_config
from tui.config.errors import ConfigError, UsageError

OWN_ARGUMENTS = ("inspect", "record", "check", "graph")
"""Commands that hand what follows `--` to a script."""


def read(command: str, arguments: Sequence[str]) -> Namespace:
    """The options of a command, "" for the app without one; raises UsageError or SourceError.

    Beside the parser's own options: `own`, the arguments after `--`, with `source`, what they go
    to, and `plan`, how it is recorded; `config`, where the command has training options;
    `problem`, where it trains without a screen, in one process and with all data in memory;
    `words`, what `serve` starts the app with.
    """
    if command == "serve":
        return _served(arguments)
    parser = PARSERS[command]()
    own: list[str] = []
    if command in OWN_ARGUMENTS:
        arguments, own = _split(arguments)
    if training_readers(parser):
        options = _configured(parser, arguments, keymap=command in ("", "inspect"))
    else:
        options = parser.read(arguments)
    options.own = own
    if command in OWN_ARGUMENTS:
        # Late: what is known of scripts and recordings.
        from tui.cli.options.script_options import plan
        from tui.cli.options.targets import target

        options.source = target(options, command)
        options.plan = plan(options)
    elif command == "chart" or (command == "train" and not (options.distributed or options.gram)):
        options.problem = problem(options)
        tell_of_reading(options.problem)
    return options


def _served(arguments: Sequence[str]) -> Namespace:
    """The options of `serve`; what is wrong with the app's is said here, not in every tab."""
    before, own = _split(arguments)
    options, words = PARSERS["serve"]().read_known(before)
    words = words[1:] if words[:1] == ["inspect"] else words
    lesson = [word for word in words[:1] if find(word)]
    words = words[len(lesson) :]
    _, unknown = PARSERS[""]().read_known(words)
    named = not lesson and any(not word.startswith("-") for word in unknown)
    command = ["inspect"] if named else []
    after = ["--", *own] if "--" in arguments else []
    if read("".join(command), [*words, *after]).data == STDIN:
        raise UsageError(f"--data {STDIN}: every tab would read the same standard input")
    options.words = [*lesson, *command, *words, *after]
    return options


def actions() -> dict[str, list[str]]:
    """The names of all actions of the app that keys can be given to, with their tabs."""
    # Late: only a configuration file with a keymap is checked against the app.
    from tui.app.key_actions import key_actions

    return key_actions()


def _configured(parser: Parser, arguments: Sequence[str], *, keymap: bool) -> Namespace:
    """The options, with the file's values as defaults and all the file says as `config`."""
    wrong: ConfigError | None = None
    found = Config(config_path())
    try:
        found = read_config(found.path, training_readers(parser), actions if keymap else None)
        set_defaults(parser, found.training)
    except ConfigError as error:
        wrong = error
    options = parser.read(arguments)  # which may be the help, whatever the file says
    if wrong is not None and not getattr(options, "version", False):
        raise wrong
    options.config = found
    return options


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options, and what follows `--`: the file's own, whatever it looks like."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return list(arguments[:end]), list(arguments[end + 1 :])
