"""How long a fresh world takes, and a call to it: python tests/benchmarks/bench_world.py [WORLDS]

Must hold: from a warm parent, a fresh world answers its first HTTP request within 60 ms (median).
"""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from labs.sandbox import Nursery, World

LIMIT = 60.0  # ms


def milliseconds(action: Callable[[], object], times: int = 1) -> list[float]:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1e3)
    return taken


def show(name: str, taken: list[float]) -> None:
    print(f"{name:<44} median {statistics.median(taken):7.1f} ms   worst {max(taken):7.1f} ms")


def first_answer(world: World) -> None:
    place = urlsplit(world.endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


def main(worlds: int) -> int:
    show("World.start, cold", milliseconds(lambda: World.start().close()))
    started = time.perf_counter()
    with Nursery() as nursery:
        show("Nursery, to the first order", [(time.perf_counter() - started) * 1e3])
        born: list[World] = []

        def bear() -> None:
            world = nursery.world(seed=len(born))
            first_answer(world)
            born.append(world)

        fresh = milliseconds(bear, worlds)
        show(f"fresh world to first answer ({worlds} of them)", fresh)
        world = born[-1]
        s3, ec2, sts = (world.client(service) for service in ("s3", "ec2", "sts"))
        show("first DescribeVpcs of that world", milliseconds(ec2.describe_vpcs))
        s3.create_bucket(Bucket="bench")
        put = partial(s3.put_object, Bucket="bench", Key="k", Body=b"x" * 1024)
        put()
        show("boto3 put_object, 1 KB", milliseconds(put, 200))
        show("boto3 get_caller_identity", milliseconds(sts.get_caller_identity, 200))
        show("control call (events)", milliseconds(world.events, 20))
        show("reset", milliseconds(world.reset, 20))
        show("close", [taken for each in born for taken in milliseconds(each.close)])
    median = statistics.median(fresh)
    print(f"fresh world: {median:.1f} ms, limit {LIMIT:.0f} ms: {'holds' if median <= LIMIT else 'BROKEN'}")
    return int(median > LIMIT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
