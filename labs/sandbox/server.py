"""The process of one world: its gate, its control endpoint and its metadata service, on three loopback ports.

`python -m labs.sandbox.server` reads its options as one JSON line from standard input, prints its connection
as one JSON line, and serves until SIGTERM, SIGINT, a call of shutdown, or the end of standard input: whoever
started it holds the other end, so the world goes when its starter goes, however that ends.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from labs.errors import SandboxError, SkylabError
from labs.sandbox import (
    cpu_credits,
    huge_pages,
    lifecycle,
    moto_setup,
    moto_time,
    principals,
    quick_http,
    served,
)
from labs.sandbox.clock import Clock
from labs.sandbox.control import Control, credentials_of
from labs.sandbox.control_server import ControlServer
from labs.sandbox.ending import Ending
from labs.sandbox.gate import Gate
from labs.sandbox.housekeeping import Housekeeping
from labs.sandbox.quick_start import loading, one_loader
from labs.sandbox.rehearsal import rehearse
from labs.sandbox.renewal import Renewal
from labs.sandbox.state import WorldState
from labs.sandbox.values import Connection, ControlAddress, Json
from labs.sandbox.web import GateServer

__all__ = ["Options", "main", "open_world", "refusal", "serve", "warm", "warm_services"]


@dataclass(frozen=True, slots=True)
class Options:
    """How a world begins. `secret` is mixed into the keys of admin and root; the seed decides all else.

    `offset` is how far its clock is ahead of its clients', in seconds. Without `memory` its changes cannot be
    taken back, and nothing is spent on that. Without `functions` no function of Lambda is run in it. One that
    is `lasting` will be made anew many times, and takes some time and memory at first to be quicker then.
    """

    seed: int = 0
    port: int = 0
    secret: str = ""
    offset: float = 0.0
    memory: bool = True
    functions: bool = True
    lasting: bool = False

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(
            int(obj["seed"]),
            int(obj["port"]),
            str(obj["secret"]),
            float(obj.get("offset", 0.0)),
            bool(obj.get("memory", True)),
            bool(obj.get("functions", True)),
            bool(obj.get("lasting", False)),
        )


def warm() -> None:
    """Load what all services of moto share, and nothing that only some of them need."""
    quick_http.quicken()
    moto_setup.prepare_environment()
    moto_setup.warm()
    moto_time.govern_moto()
    lifecycle.take_time()
    cpu_credits.tell_cloudwatch()
    gc.freeze()  # moto is never collected, and a world forked from here shares it


def warm_services() -> None:
    """Load the services of the course as well: the first call of each finds it ready. Call `warm` first."""
    import labs.sandbox.metering.sending
    import labs.sandbox.metering.spending  # noqa: F401

    moto_setup.warm_services()
    served.load_all()
    rehearse()
    gc.collect()
    gc.freeze()


def open_world(options: Options, parcel: bytes | None = None) -> tuple[Control, Connection]:
    """Begin a world in this process and serve it from threads.

    Args:
        parcel: a whole world of another process, which this one becomes.

    Raises:
        SandboxError: the port is taken.
    """
    clock = Clock(timedelta(seconds=options.offset))
    state = WorldState(options.seed, options.secret.encode(), clock=clock)
    moto_time.follow(clock)
    gate = Gate(state)
    control = Control(state, gate, Ending())
    control.ending.on_signals()  # before anybody knows of the world, and could tell it to end
    functions = control.steering.functions
    functions.runner.on = options.functions
    control.found()
    if parcel is not None:
        control.copies.unpack(parcel)
    if not options.memory:
        state.keeper = None
    housekeeping = Housekeeping(state, control.steering.memory)
    housekeeping.start()
    endpoint, steering = GateServer(gate.handle, state.clock, options.port), ControlServer(control)
    own = threading.main_thread(), housekeeping.thread
    gate.observer = steering.token
    renewal = Renewal(control, [endpoint], steering, lambda: own)
    steering.calls = {
        **steering.calls,
        "renew": renewal.renew,
        "keep": renewal.keep,
        "renew-as": renewal.renew_as,
    }
    functions.runner.endpoint = endpoint.url
    endpoint.start()
    steering.start()
    functions.look()
    if options.lasting:
        huge_pages.gather()
    return control, Connection(
        endpoint=endpoint.url,
        metadata_endpoint=control.hub.url,
        region=state.region,
        account=state.account,
        credentials=credentials_of(principals.admin_credential(), clock.timeline),
        control=ControlAddress(steering.url, steering.token),
        pid=os.getpid(),
        seed=state.seed,
    )


def serve(control: Control, lifeline: int) -> None:
    """Wait for the end of the world, then let the change at hand finish."""
    control.ending.wait(lifeline)
    control.steering.functions.stop()
    control.state.ledger.close()
    if control.state.lock.acquire(timeout=5):
        control.state.note_usage()
        control.state.journal.close()
    control.state.servers.close()
    control.state.scratch.clear()


def refusal(fault: Exception) -> dict[str, Json]:
    """What is printed in place of a connection."""
    if not isinstance(fault, SkylabError):
        fault = SandboxError("The world could not begin", f"{type(fault).__name__}: {fault}")
    return {"error": {"kind": type(fault).__name__, **fault.as_json()}}


def main() -> int:
    """Run one world until it is told to end."""
    with one_loader():  # it goes on loading, as it is asked for more
        try:
            options = Options.from_json(json.loads(sys.stdin.buffer.readline()))
            with loading():
                warm()
            control, connection = open_world(options)
        except SkylabError as fault:
            print(json.dumps(refusal(fault)), flush=True)
            return fault.exit_status
        print(json.dumps(connection.to_json()), flush=True)
        serve(control, sys.stdin.fileno())
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # connections may be open for hours, and taking moto apart object by object takes long
