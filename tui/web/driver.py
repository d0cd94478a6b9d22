"""How the app speaks to a browser: Textual's own driver, and an end when nobody listens any more."""

from __future__ import annotations

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

__all__ = ["BrowserDriver"]


class BrowserDriver(WebDriver):
    """Textual's driver for the web; when the server has gone, however it ended, the app ends as well."""

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.call_from_thread(self._app.post_message, ExitApp())
