"""`linreg-tui serve`, as somebody with a browser meets it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.browser.chromium import PATIENCE, PROGRAM, chromium, needs_chromium, until


class Serving:
    """A server, and the processes of its tabs."""

    def __init__(self, folder: Path, *words: str) -> None:
        environ = {**os.environ, "XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", "serve", "--port", "0", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environ | {"TERM": "dumb", "LANG": "C"},
            preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),  # not as under nohup
        )
        assert self.process.stdout is not None
        found = re.search(r"http://[\d.]+:\d+", self.process.stdout.readline())
        assert found
        self.address = found[0]

    @property
    def apps(self) -> list[int]:
        """The processes of tabs that run."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in children.read_text().split()]

    def end(self) -> int:
        """End it as Ctrl+C does, if it runs; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
        return self.process.returncode


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    server = Serving(tmp_path / "state", "--theme", "light")
    yield server
    server.end()


def gone(number: int) -> bool:
    return not Path(f"/proc/{number}").exists()


@needs_chromium
async def test_a_tab_of_a_browser_is_a_terminal_with_the_app_in_it(
    serving: Serving, tmp_path: Path
) -> None:
    assert PROGRAM
    async with chromium(PROGRAM, tmp_path / "profile") as browser:
        tab = await browser.open(serving.address, 1000, 600)
        await tab.until_text("runs the next line")
        assert all(address.startswith((serving.address, "data:")) for address in tab.requests)

        before = await tab.shot()
        assert await tab.colours(before) > 20, "blank pages have few"
        await tab.press("3")
        await tab.until_text("━━ fitted")
        while await tab.shot() == before:
            pass

        columns, rows = tab.size
        await tab.resize(1400, 900)
        await until(lambda: tab.size[0] > columns and tab.size[1] > rows, "the new size")
        await until(lambda: tab.text.rstrip().count("\n") == tab.size[1] - 1, "the last row")

        (app,) = serving.apps
        await tab.close()
        await until(lambda: gone(app), "the end of the app")
        assert serving.end() == 0


async def started(tab: ClientWebSocketResponse) -> None:
    """Wait until the app of a tab draws."""
    while (await tab.receive()).type is not WSMsgType.BINARY:
        pass


async def test_a_tab_ends_with_its_app_and_an_app_with_its_server(serving: Serving) -> None:
    async with ClientSession() as session:
        for number in (signal.SIGHUP, signal.SIGKILL):
            async with session.ws_connect(f"{serving.address}/ws?width=90&height=28") as tab:
                await started(tab)
                (app,) = serving.apps
                os.kill(app, number)
                async for _ in tab:
                    """Until it is closed."""
        async with session.ws_connect(f"{serving.address}/ws") as tab:
            await started(tab)
            (app,) = serving.apps
            serving.process.kill()
            await until(lambda: gone(app), "the end of the app")


async def test_pages_of_other_sites_are_refused(serving: Serving) -> None:
    async with ClientSession() as session:
        for headers, status in (
            ({}, 200),
            ({"Origin": serving.address}, 200),
            ({"Origin": "https://example.org"}, 403),
            ({"Host": "example.org"}, 403),
            ({"Host": "example.org", "Origin": "http://example.org"}, 403),
        ):
            async with session.get(serving.address, headers=headers) as answer:
                assert answer.status == status
            async with session.get(f"{serving.address}/ws", headers=headers) as answer:
                assert answer.status == (403 if status == 403 else 400)
