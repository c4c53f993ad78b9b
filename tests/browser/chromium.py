"""Chromium without a window, driven over its DevTools protocol, as far as a terminal needs it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pyte
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")

PATIENCE = 40.0
"""Seconds until a test gives up: a bound for a busy machine, not an expectation."""
FLAGS = (
    *("--headless=new", "--remote-debugging-port=0", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-gpu"),
    *("--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)
"""Nothing outside this machine is asked for anything."""
COLOURS = """(async () => {
    const shot = await (await fetch("data:image/png;base64,%s")).blob();
    const bitmap = await createImageBitmap(shot);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    const pixels = canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;
})()"""

Call = dict[str, Any]


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.02)
            return
    pytest.fail(f"never came: {what}")


class Tab:
    """One page, and the terminal in it as the bytes say that it is sent."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.requests: list[str] = []
        """The addresses that the page has asked for."""

    @property
    def text(self) -> str:
        """What is on the terminal."""
        return "\n".join(self._screen.display)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the terminal, as the page has told the app."""
        return self._screen.columns, self._screen.lines

    async def until_text(self, text: str) -> None:
        """Wait until a text is on the terminal."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while text not in self.text:
                    await asyncio.sleep(0.02)
                return
        pytest.fail(f"{text!r} never came; on the screen:\n{self.text}")

    async def call(self, method: str, **parameters: Any) -> Call:
        """Call a method of the page."""
        return await self._browser.call(method, self._session, **parameters)

    async def press(self, key: str) -> None:
        """Press and release a key that types a character."""
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def resize(self, width: int, height: int) -> None:
        """Give the page another size, in pixels."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def shot(self) -> str:
        """Return a picture of the page, a PNG in base64."""
        return str((await self.call("Page.captureScreenshot"))["data"])

    async def colours(self, shot: str) -> int:
        """Return how many colours a picture has."""
        found = await self.call(
            "Runtime.evaluate", expression=COLOURS % shot, awaitPromise=True, returnByValue=True
        )
        return int(found["result"]["value"])

    async def close(self) -> None:
        """Close the tab, as with the mouse."""
        await self._browser.call("Target.closeTarget", targetId=self._target)

    def take(self, event: str, parameters: Call) -> None:
        """Follow what the page asks for and what its terminal is told."""
        if event == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif event == "Network.webSocketFrameReceived" and parameters["response"]["opcode"] == 2:
            self._stream.feed(b64decode(parameters["response"]["payloadData"]))
        elif event == "Network.webSocketFrameSent" and parameters["response"]["opcode"] == 1:
            kind, *told = json.loads(parameters["response"]["payloadData"])
            if kind == "resize":
                self._screen.resize(told[0]["height"], told[0]["width"])


class Browser:
    """The connection to one Chromium."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Call]] = {}
        self._tabs: dict[str, Tab] = {}

    async def call(self, method: str, session: str = "", **parameters: Any) -> Call:
        """Call a method, of the browser or of one page's session."""
        number = len(self._answers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(request | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(PATIENCE):
            return await self._answers[number]

    async def open(self, address: str, width: int, height: int) -> Tab:
        """Open a page of so many pixels in a tab of its own."""
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        attached = await self.call("Target.attachToTarget", targetId=target, flatten=True)
        tab = self._tabs[attached["sessionId"]] = Tab(self, target, attached["sessionId"])
        await tab.call("Network.enable")
        await tab.resize(width, height)
        await tab.call("Page.navigate", url=address)
        return tab

    async def listen(self) -> None:
        """Take answers and events until the connection is closed."""
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                answer = self._answers[told["id"]]
                if "error" in told:
                    answer.set_exception(AssertionError(told["error"]))
                else:
                    answer.set_result(told["result"])
            elif tab := self._tabs.get(told.get("sessionId", "")):
                tab.take(told["method"], told["params"])


@asynccontextmanager
async def chromium(program: str, folder: Path) -> AsyncIterator[Browser]:
    """Run Chromium with a profile of its own in a folder."""
    flags = [*FLAGS, f"--user-data-dir={folder}", *["--no-sandbox"] * (os.geteuid() == 0)]
    process = await asyncio.create_subprocess_exec(
        program,
        *flags,
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
        start_new_session=True,
    )
    told = folder / "DevToolsActivePort"
    try:
        await until(lambda: told.exists() and "\n" in told.read_text(), "the browser's port")
        port, path = told.read_text().split("\n")[:2]
        async with (
            ClientSession() as session,
            session.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                yield browser
            finally:
                with suppress(ConnectionError, TimeoutError):
                    await browser.call("Browser.close")
                await listening
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE / 2):
                await process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
