"""Textual's driver for a terminal in a page, without its hands on the signals.

Textual hears of them through the loop, for which it takes the pipe that the guard and its watchdog
listen to: an app that is stuck would hear nothing, and neither would they.
"""

from __future__ import annotations

from textual.drivers import web_driver
from textual.drivers.web_driver import WebDriver


class GuardedWebDriver(WebDriver):
    """Leaves SIGINT and SIGTERM to the guard."""

    def start_application_mode(self) -> None:
        """Begin to draw and to read keys; signals go where they went before."""
        vars(web_driver)["WINDOWS"] = True  # where there are none to be taken, is all it asks
        super().start_application_mode()
