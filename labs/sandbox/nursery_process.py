"""The parent process of a nursery: `python -m labs.sandbox.nursery_process`.

It has a single thread for all its life, so its children start from a sound state. It reads one JSON line of
options from standard input for each fresh world, forks, and the child prints its connection. A copy of a
world is ordered by that world itself, over a socket that only the same user may use; the child answers there.
When standard input ends, or the parent dies in any other way, the children see their lifeline close and end
too.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

from labs.sandbox.copies import is_ours, receive
from labs.sandbox.values import Json

PATIENCE = 30.0  # seconds that a world may take to send its copy


def main() -> int:
    """Fork a world for each order, until there are no more."""
    from labs.sandbox import server

    server.warm()
    # No wait for a child can block the parent: the system forgets a child as soon as it has ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    lifeline, held = os.pipe()
    listener, address = _listen()
    print(json.dumps({"address": address}), flush=True)
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    _bear_copy(listener, lifeline, held)
                elif line := sys.stdin.buffer.readline():
                    _bear(json.loads(line), lifeline, held)
                else:
                    _remove(address)
                    return 0


def _listen() -> tuple[socket.socket, str]:
    """Where worlds order copies: on Linux a name without a file, elsewhere a file in a folder of ours."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if sys.platform == "linux":
        address = f"@skylab-{secrets.token_hex(16)}"
        listener.bind(address.replace("@", "\0", 1))
    else:
        address = str(Path(tempfile.mkdtemp(prefix="skylab-nursery-")) / "orders")
        listener.bind(address)
    listener.listen(8)
    return listener, address


def _remove(address: str) -> None:
    if not address.startswith("@"):
        with suppress(OSError):
            Path(address).unlink()
            Path(address).parent.rmdir()


def _stop(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _bear(options: Mapping[str, Json], lifeline: int, held: int) -> None:
    def tell(answer: Mapping[str, Json]) -> None:
        print(json.dumps(answer), flush=True)

    if os.fork() == 0:
        os.close(held)
        os._exit(_child(options, None, lifeline, tell))


def _bear_copy(listener: socket.socket, lifeline: int, held: int) -> None:
    line, _ = listener.accept()
    with line:
        line.settimeout(PATIENCE)
        if not is_ours(line):
            return
        try:
            order, parcel = receive(line)
        except (OSError, ValueError, KeyError):
            traceback.print_exc()
            return

        def tell(answer: Mapping[str, Json]) -> None:
            line.sendall(json.dumps(answer).encode() + b"\n")
            line.close()

        if os.fork() == 0:
            os.close(held)
            os._exit(_child(order, parcel, lifeline, tell))


def _child(
    options: Mapping[str, Json],
    parcel: bytes | None,
    lifeline: int,
    tell: Callable[[Mapping[str, Json]], None],
) -> int:
    """One world, from fork to end. Whatever happens, one answer is given: somebody waits for it."""
    from labs.sandbox import server

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdin.close()
    try:
        control, connection = server.open_world(server.Options.from_json(options), parcel)
    except Exception as fault:
        traceback.print_exc()
        tell(server.refusal(fault))
        return 3
    tell(connection.to_json())
    server.serve(control, lifeline)
    return 0


if __name__ == "__main__":
    os._exit(main())
