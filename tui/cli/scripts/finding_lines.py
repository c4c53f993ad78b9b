"""One finding of a recording as a line, and as JSON."""

from __future__ import annotations

from engine.recording.findings import Finding
from tui.cli.printing.output import Json
from tui.cli.scripts.graph_report import Report
from tui.kit.text import safe


def finding_line(finding: Finding, about: Report, whose: str = "") -> str:
    """Return a line as compilers write them: the place, what is wrong, why, and the remedy.

    `whose` stands before what is wrong: the ranks that it is wrong on.
    """
    words = " ".join(filter(None, (finding.what, finding.why)))
    instead = f" → {finding.instead}" if finding.instead else ""
    return safe(f"{about.file_of(finding.file)}:{finding.line}: {whose}{words}{instead}")


def finding_document(finding: Finding, about: Report) -> dict[str, Json]:
    """Return a finding for JSON."""
    return {
        "kind": finding.kind,
        "file": about.file_of(finding.file),
        "line": finding.line,
        "pass": finding.number,
        "what": finding.what,
        "why": finding.why,
        "instead": finding.instead,
    }
