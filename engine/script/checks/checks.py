"""All that looks for mistakes while a script runs: the recorder tells it event by event."""

from __future__ import annotations

from engine.recording.journal import Journal
from engine.script.checks.call_checks import CallChecks
from engine.script.checks.optimizers.optimizer_checks import OptimizerChecks
from engine.script.checks.pass_checks import PassChecks
from engine.script.checks.places import Places, Scope
from engine.script.checks.run_so_far import Expression, RunSoFar, Variables
from engine.script.checks.threads import ThreadChecks
from engine.script.frames.own_files import OwnFiles


class Checks:
    """Adds what is found to the journal; nothing here may ever become an error of the script."""

    def __init__(
        self,
        journal: Journal,
        files: OwnFiles,
        scope: Scope,
        variables: Variables,
        expression: Expression,
    ) -> None:
        run = RunSoFar(journal, Places(files, scope), variables, expression)
        self.calls = CallChecks(run)
        self.optimizers = OptimizerChecks(run)
        self.passes = PassChecks(run, self.optimizers)
        self.threads = ThreadChecks(run)
