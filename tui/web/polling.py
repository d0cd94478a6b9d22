"""Voting while a presentation runs: at which address, and the page's server in a thread of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from labs.errors import InputError
from tui.web.ballot import Ballot
from tui.web.door import Door, listen

if TYPE_CHECKING:
    from tui.web.door import IpAddress

__all__ = ["PollPage", "read_place"]

PORT = 8000
NOWHERE = ("192.0.2.1", 9)
"""An address that is kept for examples: asking the way there sends nothing."""


class PollPage:
    """The page for votes, from its opening to its end; open once made, served once started."""

    def __init__(self, address: IpAddress, port: int = PORT) -> None:
        """Listen at an address.

        Raises:
            EnvironmentFailure: the port is taken, or the address is none of this machine.
        """
        self.ballot = Ballot()
        self._listener = listen(address, port)
        self.door = Door(address, self._listener.getsockname()[1])
        self._end: Callable[[], object] = lambda: None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="skylab-polls", daemon=True)

    @property
    def warning(self) -> str:
        """What a teacher should know of the address; empty for an ordinary one of a local network."""
        address = self.door.address
        if address.is_loopback:
            return "Only this machine can open it."
        if address.is_global:
            return f"{address} is no private address: anybody on the internet may be able to open it."
        return ""

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """End the page; a second time does nothing."""
        if self._thread.is_alive():
            self._begun.wait()
            self._end()
            self._thread.join(timeout=5)
        self._listener.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._begun.set()

    async def _serve(self) -> None:
        from tui.web.polls import PollServer  # it is not wanted before the first slide is on the screen

        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._end = lambda: loop.call_soon_threadsafe(ended.set)
        runner = await PollServer(self.door, self.ballot).start(self._listener)
        self._begun.set()
        try:
            await ended.wait()
        finally:
            await runner.cleanup()


def read_place(text: str) -> tuple[IpAddress, int]:
    """An address and a port, as ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; without an address, our own one.

    Raises:
        InputError: it is none, or means every address of the machine.
    """
    bracketed = re.fullmatch(r"\[(.*)\](?::(\d+))?", text)
    plain = re.fullmatch(r"([^:]*)(?::(\d+))?", text)
    name, port = found.groups() if (found := bracketed or plain) else (text, None)
    try:
        address = ipaddress.ip_address(name) if name else own_address()
    except ValueError:
        raise InputError(
            "This is no address",
            f"It is {text!r}.",
            "As in 192.168.1.20, 192.168.1.20:8000 or [fd00::1]:8000.",
        ) from None
    number = int(port or PORT)
    if address.is_unspecified or address.is_multicast or number > 65535:
        raise InputError(
            "The page opens at one address",
            f"{text!r} is none that a phone could open.",
            "Give this machine's address on the network of the room; --poll alone finds it.",
        )
    return address, number


def own_address() -> IpAddress:
    """This machine's address on the network by which it reaches others.

    Raises:
        InputError: it is on no network.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(NOWHERE)
            return ipaddress.ip_address(probe.getsockname()[0])
        except OSError:
            raise InputError(
                "This machine seems to be on no network",
                "It has no way to other machines, so no phone can reach it.",
                "Give an address: --poll 192.168.1.20",
            ) from None
