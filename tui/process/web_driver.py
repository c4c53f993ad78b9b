"""Textual's driver for a terminal in a page, without its hands on the signals.

Textual hears of them through the loop, for which it takes the pipe that the guard and its watchdog
listen to: an app that is stuck would hear nothing, and neither would they. What a page sends is
read as what a terminal sends: nothing of it can end the app.
"""

from __future__ import annotations

from functools import partial

from textual.drivers import web_driver
from textual.drivers.web_driver import WebDriver

from tui.process.crash import note_refused
from tui.process.driver import forgiving
from tui.process.input_parser import InputParser


class GuardedWebDriver(WebDriver):
    """Leaves SIGINT and SIGTERM to the guard."""

    def start_application_mode(self) -> None:
        """Begin to draw and to read keys; signals go where they went before."""
        vars(web_driver)["WINDOWS"] = True  # where there are none to be taken, is all it asks
        super().start_application_mode()

    def run_input_thread(self) -> None:
        """Read keys, whatever they are."""
        vars(web_driver)["getincrementaldecoder"] = forgiving
        vars(web_driver)["XTermParser"] = partial(InputParser, note_refused)
        super().run_input_thread()
