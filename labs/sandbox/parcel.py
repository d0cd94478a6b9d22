"""How a world sends a copy of itself to a nursery: over a local socket, sealed with a key.

What is in a parcel is unpickled, which runs code. So a nursery listens only while a copy is on order, to the
same user alone, and takes nothing that is not sealed with the key that it has told its owner for this order.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from labs.sandbox.values import Json

__all__ = ["call_off", "listening", "receive", "send"]

_LONGEST_LINE = 1 << 20  # bytes


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A place to send a copy to: on Linux a name without a file, elsewhere a file in a folder of ours."""
    name = f"skylab-{secrets.token_hex(16)}"
    with ExitStack() as closing:
        listener = closing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        if sys.platform == "linux":
            address = f"@{name}"
        else:
            address = str(Path(closing.enter_context(tempfile.TemporaryDirectory())) / name)
        listener.bind(_place(address))
        listener.listen(8)
        yield listener, address


def send(address: str, key: str, order: Mapping[str, Json], parcel: bytes) -> dict[str, Json]:
    """Send a parcel with what is ordered; returns the answer.

    Raises:
        OSError: nobody of ours listens there, or there was no answer.
    """
    head = {**order, "parcel": len(parcel), "seal": _seal(key, order, parcel)}
    with _connected(address) as line:
        line.sendall(json.dumps(head).encode() + b"\n")
        line.sendall(parcel)
        answer = line.makefile("rb").readline(_LONGEST_LINE)
    if not answer:
        raise ConnectionError("there was no answer")
    told: dict[str, Json] = json.loads(answer)
    return told


def call_off(address: str, key: str) -> None:
    """Say that no copy will come."""
    with suppress(OSError), _connected(address) as line:
        line.sendall(json.dumps({"off": key}).encode() + b"\n")


def receive(line: socket.socket, key: str) -> tuple[dict[str, Json], bytes] | None:
    """What was ordered and the parcel; None when it was called off.

    Raises:
        ValueError, OSError: something else came, or somebody sent it who does not know the key.
    """
    if not _is_same_user(line):
        raise ValueError("another user has sent it")
    file = line.makefile("rb")
    order = json.loads(file.readline(_LONGEST_LINE))
    if order == {"off": key}:
        return None
    if not isinstance(order, dict) or not isinstance(order.get("parcel"), int):
        raise ValueError("it is no order")
    parcel, seal = file.read(order.pop("parcel")), str(order.pop("seal", ""))
    if not hmac.compare_digest(seal.encode(), _seal(key, order, parcel).encode()):
        raise ValueError("it is not sealed")
    return order, parcel


def _is_same_user(line: socket.socket) -> bool:
    """Whether the same user is at the other end; elsewhere than on Linux the folder sees to that."""
    if sys.platform != "linux":
        return True
    given = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", given)
    return bool(user == os.getuid())


def _seal(key: str, order: Mapping[str, Json], parcel: bytes) -> str:
    said = json.dumps(order, sort_keys=True).encode() + b"\n" + parcel
    return hmac.digest(key.encode(), said, "sha256").hex()


@contextmanager
def _connected(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(_place(address))
        if not _is_same_user(line):
            raise PermissionError("another user listens there")
        yield line


def _place(address: str) -> str:
    return address.replace("@", "\0", 1) if address.startswith("@") else address
