"""Serving the app over HTTP with textual-serve; imported only where that is installed.

Of textual-serve this takes the terminal in the page and the link between it and the app. The page
is one of ours, which asks nothing of any other server, and a request is refused that a page of
somebody else's has made: the app runs Python.
"""

from __future__ import annotations

import asyncio
import shlex
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int
from yarl import URL

PAGE = Path(__file__).with_name("page.html")
LOCAL = ("localhost", "127.0.0.1", "::1")
"""What a browser calls this machine; another name that leads here is a trick."""
PATIENCE = 5.0
"""Seconds for an app to save and leave."""
OUTER = ("TMUX", "STY", "LINES")
"""What is true of the terminal of the server, and not of the one in the page."""
DRIVER = "tui.process.web_driver:GuardedWebDriver"
"""As Textual takes it."""
BEAT = 15.0
"""Seconds between two questions whether a tab is still there."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serve(command: Sequence[str], listening: socket.socket, *, local: bool) -> None:
    """Serve an app, started by a command, on a socket, until Ctrl+C or SIGTERM.

    `local`: whether the socket is reached from this machine only.
    """
    server = WebServer(command, local=local)
    web.run_app(
        server.application(),
        sock=listening,
        print=None,
        access_log=None,
        shutdown_timeout=2 * PATIENCE,
    )


class TabApp(AppService):
    """The process behind one tab."""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start it without a shell, and out of reach of the Ctrl+C that ends the server."""
        inherited = self._build_environment(width=width, height=height)
        self._process = process = await asyncio.create_subprocess_exec(
            *shlex.split(self.command),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=inherited,
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        inside = super()._build_environment(width, height) | {"TEXTUAL_DRIVER": DRIVER}
        return {name: text for name, text in inside.items() if name not in OUTER}

    async def run(self) -> None:
        """Pass on what it draws, and close the tab when it ends, however that comes about."""
        await super().run()
        await self.remote_close()

    async def stop(self) -> None:
        """Ask it to leave and close its input, and end it where neither it nor its guard does."""
        if self._task is None or self._process is None:
            return
        await self.send_meta({"type": "quit"})
        self.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE) as limit:
                await super().stop()
        if limit.expired():
            with suppress(ProcessLookupError):
                self._process.kill()


class WebServer(Server):
    """A page with a terminal in it, and an app for every tab that shows it."""

    def __init__(self, command: Sequence[str], *, local: bool) -> None:
        super().__init__(shlex.join(command))
        self._local = local
        self._open: set[web.WebSocketResponse] = set()

    async def application(self) -> web.Application:
        """Return what answers the requests of browsers."""
        made = await self._make_app()
        made.middlewares.append(self._refuse_strangers)
        return made

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: it has been said where the app is."""

    async def on_shutdown(self, app: web.Application) -> None:
        """Close every tab, and with it its app."""
        await asyncio.gather(*(tab.close() for tab in self._open))

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Answer with the page that has the terminal in it."""
        return web.FileResponse(PAGE)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an app for as long as a tab is open."""
        tab = web.WebSocketResponse(heartbeat=BEAT)
        await tab.prepare(request)

        async def close() -> None:
            await tab.close()

        app = TabApp(
            self.command,
            write_bytes=tab.send_bytes,
            write_str=tab.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        self._open.add(tab)
        try:
            await app.start(
                to_int(request.query.get("width", ""), 80),
                to_int(request.query.get("height", ""), 24),
            )
            await self._process_messages(tab, app)
        finally:
            self._open.discard(tab)
            await app.stop()
        return tab

    @web.middleware
    async def _refuse_strangers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and URL(origin).authority != request.host:
            raise web.HTTPForbidden(text="asked for by a page of another site")
        if self._local and URL(f"http://{request.host}").host not in LOCAL:
            raise web.HTTPForbidden(text=f"this machine is called {', '.join(LOCAL)}")
        return await handler(request)
