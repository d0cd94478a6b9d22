"""Who is let in: the checks that both servers make of a request before they look at anything else.

A page of any site that is open in the same browser can send requests to an address of this machine, and with
a name of its own that leads here it can read the answers. Hence `Host` and `Origin` have to be ours.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Door", "IpAddress", "listen", "same"]

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Door:
    """One address with one port, and the token that opens it; empty where everybody may come in."""

    address: IpAddress
    port: int
    token: str = ""

    @property
    def host(self) -> str:
        """The address as a browser names it in `Host`."""
        name = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return name if self.port == 80 else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def knows_host(self, headers: Mapping[str, str]) -> bool:
        """Whether a request was meant for this address, by whatever name it came here."""
        return headers.get("Host", "") == self.host

    def knows_origin(self, headers: Mapping[str, str], *, needed: bool) -> bool:
        """Whether a request comes from a page of ours; one that names no origin only where none is needed."""
        origin = headers.get("Origin")
        return not needed if origin is None else origin == self.origin

    def knows_token(self, token: str) -> bool:
        """Whether this is the token."""
        return same(token, self.token)


def same(given: str, wanted: str) -> bool:
    """Whether a secret is the right one, in a time that does not tell how much of it is right."""
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def listen(address: IpAddress, port: int) -> socket.socket:
    """A socket that listens at an address; port 0 takes a free one.

    Raises:
        EnvironmentFailure: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        return socket.create_server((str(address), port), family=family, backlog=256)
    except OSError as error:
        number = error.errno or 0
        raise EnvironmentFailure(
            "The page cannot be served there",
            f"{address} port {port}: {os.strerror(number)}.",
            _WAYS.get(number, "Choose another address or port."),
        ) from error


_WAYS = {
    errno.EADDRINUSE: "Choose another port; 0 takes a free one.",
    errno.EADDRNOTAVAIL: "Choose an address of this machine.",
    errno.EACCES: "Choose a port from 1024 on; the others are the system's.",
}
