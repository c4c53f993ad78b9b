"""Branches whose file of data has gone elsewhere, and read it there from now on."""

from __future__ import annotations

from dataclasses import replace

from engine.data.source import Table
from engine.training.branches import Branch, Experiment
from engine.training.run import Run


def with_data_at(experiment: Experiment, fingerprint: str, path: str) -> Experiment:
    """The experiment with the file of a fingerprint read at `path`, on every branch that uses it.

    The iterations stay as they are: they were trained on the very same bytes.
    """
    branches = (_moved(branch, fingerprint, path) for branch in experiment.branches)
    return replace(experiment, branches=tuple(branches))


def _moved(branch: Branch, fingerprint: str, path: str) -> Branch:
    source = branch.run.problem.source
    if not isinstance(source, Table) or source.fingerprint != fingerprint:
        return branch
    there = replace(source, path=path)

    def reading_there(run: Run) -> Run:
        return replace(run, problem=replace(run.problem, source=there))

    run = reading_there(branch.run)
    alike = branch.furthest is branch.run
    return replace(branch, run=run, furthest=run if alike else reading_there(branch.furthest))
