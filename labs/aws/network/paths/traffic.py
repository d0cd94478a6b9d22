"""What is asked about a path: from where, to where, which protocol and ports, which kind of client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from labs.aws.network.paths.ports import HIGHEST, Ports
from labs.errors import InputError

__all__ = [
    "ICMP",
    "ICMPV6",
    "TCP",
    "TRANSLATED",
    "UDP",
    "Client",
    "Question",
    "has_ports",
    "ports_from",
    "protocol_from",
    "protocol_name",
    "question_from_json",
]

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17
ICMPV6: Final = 58
_NUMBERS: Final = {"icmp": ICMP, "tcp": TCP, "udp": UDP, "icmpv6": ICMPV6}
_NAMES: Final = {number: name for name, number in _NUMBERS.items()}

TRANSLATED: Final = Ports(((1024, HIGHEST),))
"""The source ports of NAT gateways, load balancers and Lambda (VPC User Guide, "Ephemeral ports")."""

_KEYS: Final = ("id", "from", "to", "protocol", "port", "client")
_LONGEST: Final = 256


class Client(StrEnum):
    """Who opens the connection: its system decides from which ports (VPC User Guide, "Ephemeral ports")."""

    LINUX = "linux"
    WINDOWS = "windows"

    @property
    def ephemeral(self) -> Ports:
        """The ports that it sends from, and that the replies go to."""
        return Ports(((32768, 60999),)) if self is Client.LINUX else Ports(((49152, HIGHEST),))


@dataclass(frozen=True, slots=True)
class Question:
    """Does a packet get from `source` to `destination`, and does the answer come back?

    `source` and `destination` are an instance id, a network interface id, an address, `internet` (IPv6:
    `internet6`), or a service (`s3`, `com.amazonaws.us-east-1.sqs`). `protocol` is an IP protocol number.
    `ports` are those of the destination; None asks for 443 of a service, and otherwise for every port.
    """

    source: str
    destination: str
    protocol: int = TCP
    ports: Ports | None = None
    client: Client = Client.LINUX


def has_ports(protocol: int) -> bool:
    """Whether a protocol has port numbers, as far as AWS's filters know."""
    return protocol in (TCP, UDP)


def protocol_name(protocol: int) -> str:
    """`tcp` for 6; the number as text where no short name is usual."""
    return _NAMES.get(protocol, f"protocol {protocol}")


def question_from_json(asked: Mapping[str, Any]) -> Question:
    """The question in a line of `skylab reach --jsonl`.

    Raises:
        InputError: a part is missing, unknown or of the wrong kind.
    """
    for key in asked:
        if key not in _KEYS:
            raise InputError(
                "Unknown key in the question", f"It is {key[:80]!r}.", f"Here may stand: {', '.join(_KEYS)}."
            )
    protocol = protocol_from(asked.get("protocol"))
    return Question(
        _endpoint(asked, "from"),
        _endpoint(asked, "to"),
        protocol,
        ports_from(asked.get("port"), protocol),
        _client(asked.get("client")),
    )


def protocol_from(written: object) -> int:
    """The number of a protocol from its name or number, as a text or a number; TCP when there is none.

    Raises:
        InputError: it is neither.
    """
    if written is None:
        return TCP
    text = str(written).strip().lower()
    if text in _NUMBERS:
        return _NUMBERS[text]
    if isinstance(written, bool) or not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > 255:
        raise InputError(
            "There is no such protocol",
            f"It is {_brief(written)}.",
            "Say tcp, udp, icmp, icmpv6, or an IP protocol number from 0 to 255.",
        )
    return int(text)


def ports_from(written: object, protocol: int) -> Ports | None:
    """The ports in `443`, `"443"` or `"8000-8100"`; None when nothing is said.

    Raises:
        InputError: it is no port or range of ports, or the protocol has no ports.
    """
    if written is None:
        return None
    text = str(written).strip()
    if not has_ports(protocol):
        if text in ("0", "-1", ""):
            return None
        raise InputError(
            "This protocol has no ports",
            f"The question names port {_brief(written)} for {protocol_name(protocol)}.",
            "Leave the port out; icmp asks for an echo request and its reply.",
        )
    found = re.fullmatch(r"([0-9]{1,5})(?:\s*-\s*([0-9]{1,5}))?", text)
    low = int(found[1]) if found else -1
    high = int(found[2] or found[1]) if found else -1
    if isinstance(written, bool) or not 0 <= low <= high <= HIGHEST:
        raise InputError(
            "This is no port",
            f"It is {_brief(written)}.",
            'A port is a number from 0 to 65535; a range is written as "8000-8100", the lower one first.',
        )
    return Ports(((low, high),))


def _client(written: object) -> Client:
    try:
        return Client.LINUX if written is None else Client(str(written).strip().lower())
    except ValueError:
        raise InputError(
            "There is no such client", f"It is {_brief(written)}.", "Say linux or windows."
        ) from None


def _endpoint(asked: Mapping[str, Any], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise InputError(
            f'The question has no "{key}"' if value is None else f'"{key}" is no endpoint',
            "It is missing." if value is None else f"It is {_brief(value)}.",
            "Say an instance id, a network interface id, an address, internet, or a service such as s3.",
        )
    return value.strip()


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
