"""The process in which a user's script runs: from its command line to the script.

Nothing here needs torch, so that a file that cannot be read is said at once. A process may also be
started before there is a script for it: it loads torch, and waits for an order to run one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from engine.recording.file.frame_writer import FrameWriter
from engine.recording.file.frames import RunFileError
from engine.recording.file.run_file import RunJournal
from engine.recording.pass_plan import Plan, plan_of
from engine.recording.rank_records import RankPlace
from engine.recording.records import ScriptError
from engine.script.frames.script_errors import recorder_failed
from engine.script.frames.source_file import SourceError
from engine.script.interventions import Change, change_of
from engine.script.process.hiding_files import hidden_by_now, hidden_from, may_hide
from engine.script.process.main_module import Target, file_target, module_target, with_text
from engine.script.process.process_tree import die_with, stay_above

WAITING = "OMP_WAIT_POLICY"
"""What OpenMP reads when it is loaded: how a thread waits for the others."""
START = """
import sys
known = [*sys.modules]
if not sys.flags.safe_path:
    del sys.path[0]
import importlib.util, json
request = json.loads(sys.argv[1])
package = request.pop("engine")
if "engine" not in sys.modules:
    spec = importlib.util.spec_from_file_location("engine", package)
    sys.modules["engine"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["engine"])
from engine.own_builtins import keep_builtins
keep_builtins()
from engine.script.process.child import main
main(known=known, **request)
"""
"""What Python is started with; the request is its only argument.

The script's folder may hold an `engine.py`, so our package is named by its path; and a `json.py`,
so that is imported before Python finds it there.
"""


_PLACES = frozenset({"-I", "-E", "-P", "-s", "-S"})
"""Flags of Python that a program like this one may be installed with, and no script asked for."""
Popen = Callable[..., subprocess.Popen[bytes]]
"""Starts a process; takes what `subprocess.Popen` takes."""


Order = dict[str, Any]
"""What a process is to run, as JSON can say it: see `order`."""


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """What is to be run: a file or, with `module`, a dotted name, and what follows in its argv.

    A `change` is made in its numbers. It has a `place` where it is one of several ranks.
    """

    target: str
    module: bool = False
    arguments: tuple[str, ...] = ()
    text: str | None = None
    """The path of a file whose text is run in place of the target's own."""
    change: Change | None = None
    place: RankPlace | None = None


def order(call: ScriptCall, plan: Plan, recording: Path, *, quiet: bool = False) -> Order:
    """What a process is to run and where it records; `quiet`: it prints into that alone."""
    return {
        "folder": str(Path.cwd() if call.module else Path(call.target).resolve().parent),
        "call": asdict(call),
        "plan": asdict(plan),
        "recording": str(recording),
        "quiet": quiet,
    }


def start(
    order: Order | None,
    *,
    orders: int | None = None,
    lifeline: int | None = None,
    temporary: Path | None = None,
    popen: Popen = subprocess.Popen,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start Python on a script; `options` are those of `popen`.

    Without an order it loads torch and waits for one from `orders`, a pipe. With a `lifeline` all
    its processes end with that pipe; where this process has not lived to end them, the `temporary`
    folder is removed then.
    """
    above = {"lifeline": lifeline, "temporary": None if temporary is None else str(temporary)}
    return popen(_command(os.getpid(), order, orders=orders, **above), **options)


def _command(parent: int, order: Order | None, **request: Any) -> list[str]:
    package = str(Path(__file__).resolve().parents[2] / "__init__.py")
    request |= {"engine": package, "parent": parent, "order": order}
    return [sys.executable, *_flags(), "-c", START, json.dumps(request)]


def _flags() -> list[str]:
    """What Python was started with, as `-O` or `-W error`, but for where it finds modules."""
    known: Any = subprocess
    flags: list[str] = known._args_from_interpreter_flags()
    # What the environment says is passed on anyway: the script would see it twice.
    left_out = {*_PLACES, *(f"-W{one}" for one in os.environ.get("PYTHONWARNINGS", "").split(","))}
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        left_out.add("-B")
    return [flag for flag in flags if flag not in left_out]


def main(
    known: list[str],
    parent: int,
    order: Order | None,
    orders: int | None = None,
    lifeline: int | None = None,
    temporary: str | None = None,
) -> None:
    """Run the script and record it; ends the process as the script would have.

    `known` are the modules that Python had loaded before ours.
    """
    if lifeline is None:
        die_with(parent)
    else:
        stay_above(lifeline, partial(_remove, temporary))
    if order is None:
        assert orders is not None
        order = _waited_for(orders)
    _run(known, **order)


def _waited_for(orders: int) -> Order:
    """Load torch, and return the order that comes then; ends the process where none comes."""
    loaded = False
    with suppress(Exception):  # it is said of a script, once there is one
        with waiting_threads_sleep(os.environ):
            import engine.script.checks.checks
            import engine.script.process.run_script  # noqa: F401 - what takes its time
        loaded = True
    with os.fdopen(orders, "rb") as pipe:
        said = pipe.read()
    if not said:
        os._exit(0)
    order: Order = json.loads(said)
    if not loaded or may_hide(order["folder"]):
        command = _command(os.getppid(), order)
        os.execv(command[0], command)
    return order


def _run(
    known: list[str],
    folder: str,
    call: dict[str, Any],
    plan: dict[str, Any],
    recording: str,
    quiet: bool,
) -> None:
    """Run and record what has been ordered; `folder` is where Python looks first for modules."""
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)
    target, module, arguments = call["target"], call["module"], call["arguments"]
    try:
        found: Target = module_target(target) if module else file_target(Path(target))
        if call["text"] is not None:
            found = with_text(found, Path(call["text"]))
        writer = FrameWriter(Path(recording))
    except (SourceError, RunFileError, OSError) as error:
        print(f"linreg-tui: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    argv = [found.path if module else target, *arguments]
    about = {
        "argv": [target, *arguments],
        "module": module,
        "folder": str(Path.cwd()),
        "plan": plan,
    }
    journal = RunJournal(writer, found.name, found.source, about)
    if call["place"] is not None:
        journal.set_place(RankPlace(**call["place"]))
    beside = None if sys.flags.safe_path else hidden_by_now(folder, known)
    if beside is not None:
        _refuse(journal, beside)
    # Imported only now: torch takes its time, and the file is there to be looked at.
    try:
        with waiting_threads_sleep(os.environ) if quiet else nullcontext():
            from engine.script.process.run_script import run_script
    except Exception as error:  # as where torch is there, but cannot be loaded
        _refuse(journal, hidden_from(error, folder) or recorder_failed(error))

    change = change_of(call["change"])
    run_script(found, argv, plan_of(plan), journal, quiet=quiet, change=change)


def _remove(folder: str | None) -> None:
    if folder is not None:
        with suppress(OSError):
            for file in Path(folder).iterdir():
                file.unlink()
            Path(folder).rmdir()


@contextmanager
def waiting_threads_sleep(environ: MutableMapping[str, str]) -> Iterator[None]:
    """While torch is imported: let its threads sleep where they wait for each other.

    Otherwise they turn round and round for as long as another process, as that which shows the
    recording, has the core that one of them needs: a script then takes several times as long.
    What the user has asked for stays, and the script finds the environment as it was.
    """
    if WAITING in environ:
        yield
        return
    environ[WAITING] = "passive"
    try:
        yield
    finally:
        del environ[WAITING]


def _refuse(journal: RunJournal, failed: ScriptError) -> NoReturn:
    """Say that a script was not run, in the recording and in one line, and end the process."""
    journal.end("error", failed, "")
    print(f"linreg-tui: {failed}", file=sys.stderr)
    raise SystemExit(1) from None
