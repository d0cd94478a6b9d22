"""The parent process of a nursery: `python -m labs.sandbox.nursery_process`.

It has a single thread for all its life, so its children start from a sound state. It reads one order, a line
of JSON, from standard input for each world. For a fresh world it forks, and the child prints its connection.
For a copy it prints where it listens and by which key it knows the parcel; the original sends that there, and
the child answers it. When standard input ends, or the parent dies in any other way, the children see their
lifeline close and end too.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

from labs.sandbox.launching import SERVICES
from labs.sandbox.parcel import listening, receive
from labs.sandbox.quick_start import FEW, SELDOM, loading, one_loader
from labs.sandbox.values import Json

BEHIND = 10
"""By how much worlds that wait for a learner let go before the app that shows them."""
PATIENCE = 30.0  # seconds in which a world must have sent its copy


def main() -> int:
    """Fork a world for each order, until there are no more."""
    gc.set_threshold(*SELDOM)
    with one_loader():  # the first worlds go on loading
        with loading():
            from labs.sandbox import server

            server.warm()
            if SERVICES in sys.argv:
                _stand_behind()
                server.warm_services()
        return _serve_orders()


def _stand_behind() -> None:
    """Let whoever shows the worlds go first: the keys of the app do not wait while a world works."""
    os.nice(BEHIND)
    # Where Linux shares out the processors by session, that of this process has to let go as a whole.
    with suppress(OSError), open("/proc/self/autogroup", "w") as group:  # noqa: PTH123  # no regular file
        group.write(str(BEHIND))


def _serve_orders() -> int:
    # No wait for a child can block the parent: the system forgets a child as soon as it has ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    lifeline, held = os.pipe()
    print("{}", flush=True)
    loaded = SERVICES in sys.argv
    for number, line in enumerate(iter(sys.stdin.buffer.readline, b""), start=1):
        order = json.loads(line)
        if number > FEW and not loaded:
            from labs.sandbox import server

            with loading():
                server.warm_services()
            loaded = True
        if order.get("copy"):
            _bear_copy(lifeline, held)
        elif os.fork() == 0:
            os.close(held)
            os._exit(_child(order, None, lifeline, _print))
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _print(answer: Mapping[str, Json]) -> None:
    print(json.dumps(answer), flush=True)


def _bear_copy(lifeline: int, held: int) -> None:
    """Listen until one copy has come, and fork the world that it becomes."""
    key, deadline = secrets.token_hex(32), time.monotonic() + PATIENCE
    with listening() as (listener, address):
        _print({"address": address, "key": key})
        while (left := deadline - time.monotonic()) > 0:
            listener.settimeout(left)
            with suppress(TimeoutError), listener.accept()[0] as line:
                line.settimeout(left)
                if _serve(line, listener, key, lifeline, held):
                    return


def _serve(line: socket.socket, listener: socket.socket, key: str, lifeline: int, held: int) -> bool:
    """Fork the copy that comes; whether it was one, or the order was called off."""
    try:
        came = receive(line, key)
    except (OSError, ValueError) as refused:
        print(f"what came to the nursery was no copy: {refused}", file=sys.stderr)
        return False
    if came is not None and os.fork() == 0:
        os.close(held)
        listener.close()
        os._exit(_child(*came, lifeline, lambda answer: line.sendall(json.dumps(answer).encode() + b"\n")))
    return True


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
