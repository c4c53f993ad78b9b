"""`linreg-tui doctor`: what there is, what is wrong with it, and what to do about that."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.private_files import state_path
from engine.sessions.session import SessionError
from engine.sessions.storage import AUTOSAVE, load
from engine.training.device import cuda_facts, distributed_backends
from tui.cli.options.arguments import actions
from tui.cli.options.command_parsers import PARSERS
from tui.cli.options.training_options import training_readers
from tui.cli.printing.json_output import write_json
from tui.config.config_file import config_path, read_config
from tui.config.errors import ConfigError
from tui.config.terminal import PLAIN, colour_level, glyph_level, is_ssh
from tui.kit.clipboard import TMUX_SECONDS, in_tmux
from tui.kit.text import safe
from tui.process.crash import FAULTS, REFUSED

PACKAGES = ("linreg-tui", "torch", "textual", "plotext", "numpy")
_CLONE = "-c constraints.txt . in the clone of its repository"
"""Where the app itself comes from, which is on no index."""
TMUX_LEAST = (3, 2)
"""The first that hands what is loaded into its buffer to the terminal outside."""
TMUX_FACTS = (
    *("version", "set-clipboard", "allow-passthrough", "default-terminal"),
    *("client_termfeatures", "client_termname"),
)
TMUX_QUESTION = ("display-message", "-p", "|".join(f"#{{{name}}}" for name in TMUX_FACTS))


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of the report."""

    what: str
    found: str
    advice: str = ""
    """What to do; empty where all is well."""


def run(options: Namespace, tmux_seconds: float = TMUX_SECONDS) -> int:
    """Print the report; returns 0, or 1 where there is something to do.

    A tmux that does not answer within `tmux_seconds` is one that does not answer.
    """
    findings = list(_findings(tmux_seconds))
    if options.json:
        write_json([asdict(finding) for finding in findings])
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            print(f"{finding.what:<{width}}  {safe(finding.found)}")
            if finding.advice:
                print(f"{'':<{width}}  -> {safe(finding.advice)}")
    return 1 if any(finding.advice for finding in findings) else 0


def _findings(tmux_seconds: float) -> Iterator[Diagnosis]:
    yield Diagnosis("python", f"{platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        yield _package(package)
    yield from _terminal(os.environ, sys.stdout.encoding or "ascii")
    yield from _tmux(os.environ, tmux_seconds)
    yield from _device()
    yield from _paths()


def _package(name: str) -> Diagnosis:
    try:
        return Diagnosis(name, version(name))
    except PackageNotFoundError:
        what = _CLONE if name == "linreg-tui" else name
        return Diagnosis(name, "not installed", f"pip install {what}")


def _terminal(environ: Mapping[str, str], encoding: str) -> Iterator[Diagnosis]:
    term = environ.get("TERM", "")
    poor = f"set TERM to what your terminal is; {term or 'an empty TERM'} promises nothing"
    yield Diagnosis("terminal", term or "(TERM is not set)", poor if term in PLAIN else "")
    streams = {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}
    piped = [name for name, stream in streams.items() if not (stream and stream.isatty())]
    found = f"{', '.join(piped)} not a terminal" if piped else "stdin, stdout and stderr"
    yield Diagnosis("a terminal is", found)
    colours = colour_level(environ)
    advice = ""
    if environ.get("NO_COLOR"):
        found = "none, as NO_COLOR wants it"
    else:
        found = {"true": "16 million", "none": "none"}.get(colours, colours)
        if colours == "16":
            advice = (
                "set TERM to xterm-256color or tmux-256color, or COLORTERM=truecolor, if it can"
            )
    yield Diagnosis("colours", found, advice)
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "none set"
    level = glyph_level(environ, encoding)
    advice = "set LANG=C.UTF-8 for braille and block characters" if level == "ascii" else ""
    yield Diagnosis("locale", f"{locale}, {encoding}", advice if term not in PLAIN else "")
    yield Diagnosis("glyphs", level)
    yield Diagnosis("profile", "ssh: no animation, fewer frames" if is_ssh(environ) else "local")


def _tmux(environ: Mapping[str, str], seconds: float) -> Iterator[Diagnosis]:
    """Whether what is copied gets out of tmux, which it is handed to."""
    if not in_tmux(environ):
        return
    answer = _tmux_says(seconds, *TMUX_QUESTION)
    if answer.count("|") != len(TMUX_FACTS) - 1:
        yield Diagnosis(
            "tmux", "does not answer", "see that tmux is on the PATH and its server runs"
        )
        return
    number, clipboard, passthrough, term, features, outside = answer.split("|")
    old = _version(number) < TMUX_LEAST
    needs = f"for the clipboard tmux {'.'.join(map(str, TMUX_LEAST))} is needed, and a new server"
    yield Diagnosis("tmux", f"{number or 'of old'}, in {outside or 'no terminal'}", needs * old)
    passthrough = {"0": "off", "1": "on"}.get(passthrough, passthrough)
    found = f"set-clipboard {clipboard or '?'}, allow-passthrough {passthrough or '?'}"
    takes = "clipboard" in features.split(",")
    if outside and not old:
        found += f"; {outside} {'takes' if takes else 'does not take'} what is copied"
    advice = f"if {outside} has a clipboard: tmux set -as terminal-features ',{outside}:clipboard'"
    stays = outside and not old and not takes
    yield Diagnosis("tmux clipboard", found, f"{advice}, and attach anew" if stays else "")
    advice = "" if term.endswith("256color") else "tmux set -g default-terminal tmux-256color"
    yield Diagnosis("tmux terminal", term or "not known", advice)


def _version(text: str) -> tuple[int, ...]:
    """As numbers: 3.3a is (3, 3), next-3.5 is (3, 5)."""
    return tuple(map(int, re.findall(r"\d+", text)[:2]))


def _tmux_says(seconds: float, *command: str) -> str:
    try:
        answer = subprocess.run(
            ["tmux", *command], capture_output=True, text=True, timeout=seconds, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def _device() -> Iterator[Diagnosis]:
    try:
        yield Diagnosis("device", *cuda_facts())
        yield Diagnosis("several ranks", distributed_backends())
    except (ImportError, OSError, RuntimeError) as error:
        yield Diagnosis(
            "device", f"torch does not load: {error}", "pip install --force-reinstall torch"
        )


def _paths() -> Iterator[Diagnosis]:
    path = config_path()
    try:
        read_config(path, training_readers(PARSERS[""]()), actions)
    except ConfigError as error:
        yield Diagnosis("configuration", str(path), str(error))
    else:
        yield Diagnosis("configuration", f"{path}{'' if path.exists() else ' (none, not needed)'}")
    folder = state_path()
    yield Diagnosis("state", str(folder), _writable(folder))
    yield _session(folder / AUTOSAVE)
    crashes = sorted(folder.glob("crash-*.txt"))
    if crashes:
        yield Diagnosis(
            "crashes", f"{len(crashes)}, the latest {crashes[-1]}", "report it, delete it"
        )
    if (refused := folder / REFUSED).exists():
        yield Diagnosis("input", f"{refused}: what a terminal sent, and was dropped")
    faults = folder / FAULTS
    if faults.exists() and faults.stat().st_size:
        yield Diagnosis("faults", str(faults), "Python died of a signal: report it, delete it")


def _session(path: Path) -> Diagnosis:
    """The session that was saved on the last way out."""
    if not path.exists():
        return Diagnosis("session", f"{path} (none yet)")
    try:
        load(path)
    except SessionError as error:
        return Diagnosis("session", str(path), f"{error}; delete it, or keep it elsewhere")
    return Diagnosis("session", f"{path}: go on with linreg-tui --resume")


def _writable(folder: Path) -> str:
    """Advice, where nothing can be kept in a folder that may not exist yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return "" if os.access(there, os.W_OK | os.X_OK) else f"make {there} writable: nothing is kept"
