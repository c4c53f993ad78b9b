"""`linreg-tui serve`: the app in a browser, a process of its own for every tab."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tui.cli.printing.output import complain
from tui.config.errors import UsageError

WANTED = ("textual_serve", "aiohttp", "aiohttp_jinja2", "jinja2")
"""What the extra `web` brings, by the names under which it is imported."""
WILDCARDS = ("0.0.0.0", "::")
START = (
    "import sys; sys.path.append(sys.argv.pop(1)); from tui.cli.main import main; sys.exit(main())"
)
"""What Python is started with; the folder of this package comes before the app's arguments."""


class Serve(Protocol):
    """What serves an app, started by a command, on a socket."""

    def __call__(self, command: Sequence[str], listening: socket.socket, *, local: bool) -> None:
        """Serve until Ctrl+C or SIGTERM; `local`: to this machine only."""


def run(options: Namespace, serve: Serve | None = None) -> int:
    """Serve until Ctrl+C or SIGTERM; returns 0, raises UsageError where that cannot begin."""
    serve = serve or _server()
    listening = _listening(options.host, options.port)
    port = listening.getsockname()[1]
    if not is_loopback(options.host):
        complain(
            f"warning: everybody who can reach {options.host}:{port} can run Python here as you; "
            "nothing is encrypted, and nobody is asked for a password"
        )
    where = _address(options.host, port)
    print(f"the app is at {where} until Ctrl+C; each tab is a run of its own", flush=True)
    folder = str(Path(__file__).resolve().parents[3])
    command = [sys.executable, "-P", "-c", START, folder, *options.words]
    serve(command, listening, local=is_loopback(options.host))
    return 0


def is_loopback(host: str) -> bool:
    """Return whether nobody but this machine reaches a host."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _server() -> Serve:
    try:
        # Late: an extra, which nothing else needs.
        from tui.cli.start.web_server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in WANTED:
            raise
        raise UsageError(f"{error.name} is missing; pip install 'linreg-tui[web]'") from None
    return serve


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; 0 is any port that is free."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except socket.gaierror:
        raise UsageError(f"--host {host} is no address of this machine") from None
    except OSError as error:
        raise UsageError(_refusal(host, port, error)) from None


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken; --port takes another, 0 any that is free"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {host} is no address of this machine"
    return f"port {port} of {host}: {(error.strerror or str(error)).partition(' (')[0]}"


def _address(host: str, port: int) -> str:
    name = socket.gethostname() if host in WILDCARDS else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
