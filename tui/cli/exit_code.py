"""How a command ends: its exit code, and one line for whatever it cannot do."""

from __future__ import annotations

import sys
from collections.abc import Callable

from engine.recording.file.frames import RunFileError
from engine.script.frames.source_file import SourceError
from tui.cli.printing.output import complain, drop_stdout
from tui.config.errors import UsageError

BROKEN_PIPE = 128 + 13
"""What a shell reports for a program that SIGPIPE ended."""


def exit_code(
    act: Callable[[], int],
    drop: Callable[[], None] = drop_stdout,
    say: Callable[[str], object] = complain,
) -> int:
    """The exit code of a command: what `act` returns, or its failure's after one line to `say`."""
    try:
        code = act()
        sys.stdout.flush()
    except (UsageError, SourceError, RunFileError) as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:
        drop()
        return BROKEN_PIPE
    except OSError as error:
        drop()
        where = f"{error.filename}: " if error.filename else ""
        say(f"{where}{error.strerror or error}")
        return 1
    return code
