"""Running a user's script in this process to its own end, and recording it in a file.

The process is the script's: it becomes `__main__`, has the real streams, and ends as it would
have ended by itself. What is recorded goes through a `RunJournal`.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

from engine.own_builtins import OwnBuiltins, are_replaced
from engine.recording.file.run_file import RunJournal
from engine.recording.pass_plan import Plan
from engine.script.frames.own_files import OwnFiles
from engine.script.frames.script_errors import (
    RECORDER,
    exit_error,
    script_error,
    uncaught,
    uncompiled,
)
from engine.script.interventions import Change
from engine.script.lines.line_tracer import Tracer
from engine.script.lines.stops import Stopped
from engine.script.lines.torch_calls import Watch
from engine.script.passes.leaf_rows import LeafRows
from engine.script.passes.pass_scalars import PassScalars
from engine.script.passes.passes import Around, Passes
from engine.script.process.last_words import LastWords, pulse, said_before_the_end
from engine.script.process.main_module import Target, become_main, hide_our_modules
from engine.script.unseen.captured_output import CaughtOutput, CopiedOutput, Output
from engine.script.unseen.captured_warnings import blame_the_script
from engine.script.unseen.debuggers import hide_from_debuggers
from engine.script.unseen.our_frames import (
    hide_from_anomaly_mode,
    hide_from_inspection,
    hide_in,
)
from engine.script.unseen.recursion_room import RecursionRoom
from engine.script.unseen.signal_handlers import run_handlers_in_the_script
from engine.script.unseen.threads_aside import start_aside, wait_for_threads
from engine.script.unseen.uncaught import print_uncaught, tell_of_threads

REST_AFTER = 1_000
"""So many lines in a row that make no graph are recorded: reading data can take millions."""


def run_script(
    target: Target,
    argv: Sequence[str],
    plan: Plan,
    journal: RunJournal,
    *,
    quiet: bool,
    change: Change | None = None,
) -> None:
    """Run the target as `__main__`; returns or raises as it does, and records it.

    `quiet`: what it prints goes into the recording alone. A `change` is made in its numbers. Exit
    handlers of the script still run after this; only then is the end of the recording written.
    """
    folder = Path.cwd() if target.spec is not None else Path(target.path).resolve().parent
    roots = str(folder), str(Path.cwd()), *plan.follow
    files = OwnFiles(journal, target.path, target.source, roots)
    output = _output(quiet)
    last = LastWords(journal, output)
    atexit.register(last.write)
    blame_the_script()
    hide_from_anomaly_mode()
    hide_from_inspection()
    # What torch brings is not searched for garbage while the script runs.
    gc.freeze()
    namespace = become_main(target, argv).__dict__
    try:
        code = _compiled(target, files, last)
        room = RecursionRoom()
        tracer = Tracer(files, namespace, journal, output, plan.limit, None, REST_AFTER, room)
        _run(code, namespace, tracer, files, plan, journal, output, last, change, room)
    except Stopped as stopped:
        last.ending = stopped.ending
        raise SystemExit(1) from None
    except SystemExit as exit_:
        last.ending = "exit"
        with OwnBuiltins():
            last.error = exit_error(exit_, files, target.path)
        raise
    except BaseException as error:
        last.ending = "error"
        with OwnBuiltins():
            last.error = last.error or uncaught(error, files, target.path)
        if last.error.type == RECORDER:
            print(f"linreg-tui: {last.error}", file=sys.stderr)
            raise SystemExit(1) from None
        print_uncaught(error)
        raise


def _compiled(target: Target, files: OwnFiles, last: LastWords) -> CodeType:
    try:
        return compile(target.source, target.path, "exec", dont_inherit=True)
    except Exception as error:
        last.error = uncompiled(error, files, target.source, target.path)
        raise


def _run(
    code: Any,
    namespace: dict[str, Any],
    tracer: Tracer,
    files: OwnFiles,
    plan: Plan,
    journal: RunJournal,
    output: Output,
    last: LastWords,
    change: Change | None,
    room: RecursionRoom,
) -> None:
    passes = _watched_passes(plan, files, tracer, journal, output, last, change)
    lines = tracer.lines
    last.let_go = lines.let_go
    process = os.getpid()
    os.register_at_fork(before=passes.before_fork, after_in_child=passes.forget)
    hide_from_debuggers(tracer, tracer.aside, passes.make_way)
    let_go_of_signals = run_handlers_in_the_script()
    start_aside(pulse, last)
    own = OwnBuiltins()
    try:
        with said_before_the_end(journal, last, process):
            hide_our_modules()
            room.begin()
            try:
                with passes.watched():
                    try:
                        exec(code, namespace)
                        if not are_replaced():
                            wait_for_threads()
                    finally:
                        own.put()
                        sys.settrace(None)  # no debugger is to go on into what ends the recording
                        last.over = True
                        let_go_of_signals()
            except BaseException as error:
                hide_in(error)
                if os.getpid() == process and not isinstance(error, Stopped):
                    where = script_error(error, files, code.co_filename)
                    lines.add_last(where.line, None if isinstance(error, SystemExit) else where)
                raise
            if os.getpid() == process:
                lines.add_last(files.last_line)
    finally:
        own.give_back()


def _watched_passes(
    plan: Plan,
    files: OwnFiles,
    tracer: Tracer,
    journal: RunJournal,
    output: Output,
    last: LastWords,
    change: Change | None,
) -> Passes:
    loops, scope = tracer.lines.moments.loops, tracer.lines.scope

    def printed() -> str:
        """What was printed between windows: in one it goes to the lines, at last to the end."""
        return "" if tracer.is_open or last.over else output.take()

    rows = LeafRows()
    scalars = PassScalars(journal, scope.tensors, loops.around, printed, rows, loops.counters)
    watch = Watch(files, tracer, journal)
    if watch.checks is not None:
        tell_of_threads(watch.checks.threads.raised)
    watched = _ranks_watched(journal, files, tracer, rows, last)
    last.flushes += journal.flush, scalars.flush
    passes = Passes(plan, files, tracer, watch, journal, scalars, change, watched)
    last.flushes.append(passes.flush)
    return passes


def _ranks_watched(
    journal: RunJournal, files: OwnFiles, tracer: Tracer, rows: LeafRows, last: LastWords
) -> Around | None:
    """Where the script is one of several ranks, what sees more of its passes."""
    if journal.place is None:
        return None
    # A script of one process is not to wait for it.
    from engine.script.distributed.rank_watch import RankWatch

    ranks = RankWatch(journal.place, files, journal, tracer.lines.scope.tensors, rows)
    ranks.watch()
    os.register_at_fork(after_in_child=ranks.forget)
    last.flushes.append(ranks.flush)
    last.dying = ranks.dying
    return ranks.around


def _output(quiet: bool) -> Output:
    if quiet:
        caught = CaughtOutput(1)
        os.register_at_fork(after_in_child=caught.go_past)
        sys.stdout = sys.stderr = caught
        return caught
    copied = CopiedOutput()
    copied.begin()
    return copied
