"""The end of a world's process, announced by any thread, by a signal, or by whoever holds its lifeline."""

from __future__ import annotations

import os
import selectors
import signal

__all__ = ["Ending"]


class Ending:
    """A pipe that says when to stop: writing to it is safe from everywhere, signal handlers included."""

    def __init__(self) -> None:
        self._told, self._tell = os.pipe()

    def announce(self) -> None:
        """Let the process end."""
        os.write(self._tell, b".")

    def on_signals(self) -> None:
        """End on SIGTERM and SIGINT. Only the main thread may ask for this."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.announce())

    def wait(self, lifeline: int) -> None:
        """Wait for the announcement, or for the other end of a pipe to close."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._told, selectors.EVENT_READ)
            selector.register(lifeline, selectors.EVENT_READ)
            while not any(
                key.fd == self._told or not os.read(lifeline, 4096) for key, _ in selector.select()
            ):
                pass
