"""What the memory of a world costs: python tests/benchmarks/bench_memory.py

Must hold, in a world of 10 buckets with 200 objects, 10 users and roles, and 10 instances: a checkpoint
within 10 ms, a rewind within 60 ms; a fresh world within 40 ms and a reset within 10 ms; a replay of 150
requests a second or more; and a PUT of 1 KB through the gate, with its checkpoints, within 1.2 of the same
call to plain moto on the same server. Whether memory stays flat under load is for load_runs.py to say.

Two figures of each: wall, what the caller waits, and cpu, what all processes compute for it. On a machine
that does nothing else they are nearly the same; elsewhere only the second means something, so it is what must
hold.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import boto3
from botocore.config import Config

from labs.sandbox import Nursery, World, read_journal

CLIENTS = 8
TRUST = {"Version": "2012-10-17", "Statement": []}
TICK = os.sysconf("SC_CLK_TCK")


class Figures:
    """Prints each figure with its limit, and remembers whether all hold."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def show(
        self, name: str, wall: float, cpu: float, limit: float, unit: str, *, least: bool = False
    ) -> None:
        holds = cpu >= limit if least else cpu <= limit
        bound, verdict = "at least" if least else "at most", "holds" if holds else "BROKEN"
        print(f"{name:<46}{wall:10.2f}{cpu:10.2f}  {bound:<8}{limit:8.2f} {unit:<5}{verdict}")
        if not holds:
            self.broken.append(name)


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measured(action: Callable[[], object], times: int, *pids: int) -> tuple[float, float]:
    """Of so many times: the median of wall, and the mean of what this process and those compute, in ms."""
    before = time.process_time() + sum(map(cpu_of, pids))
    walls = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        walls.append((time.perf_counter() - began) * 1e3)
    used = time.process_time() + sum(map(cpu_of, pids)) - before
    return statistics.median(walls), used / times * 1e3


def furnish(world: World) -> None:
    """10 buckets with 20 objects each, 10 users with a key, 10 roles, 10 instances."""
    s3, iam, ec2 = (world.client(service) for service in ("s3", "iam", "ec2"))
    image = ec2.describe_images()["Images"][0]["ImageId"]
    for unit in range(10):
        s3.create_bucket(Bucket=f"bucket-{unit}")
        for number in range(20):
            s3.put_object(Bucket=f"bucket-{unit}", Key=f"key-{number}", Body=b"x" * 1024)
        iam.create_user(UserName=f"user-{unit}")
        iam.create_access_key(UserName=f"user-{unit}")
        iam.create_role(RoleName=f"role-{unit}", AssumeRolePolicyDocument=json.dumps(TRUST))
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")


def bench_births(figures: Figures) -> None:
    for ready, name in ((0, "fresh world, forked"), (3, "fresh world, from those that are ready")):
        with Nursery(ready=ready) as nursery:
            born = [nursery.world()]
            walls, cpu = [], 0.0
            for seed in range(12):
                time.sleep(0.5 if ready else 0.0)  # others are born meanwhile
                before, began = time.process_time() + cpu_of(nursery.pid), time.perf_counter()
                born.append(nursery.world(seed))
                walls.append((time.perf_counter() - began) * 1e3)
                used = time.process_time() + cpu_of(nursery.pid) - before
                cpu += (used + cpu_of(born[-1].connection.pid)) / 12 * 1e3
            figures.show(name, statistics.median(walls), cpu, 40.0, "ms")


def bench_states(figures: Figures, nursery: Nursery) -> None:
    with nursery.world(seed=1) as world:
        furnish(world)
        pid, s3 = world.connection.pid, world.client("s3")
        put = partial(s3.put_object, Bucket="bucket-1", Key="k", Body=b"x")
        number = iter(range(10_000))

        def checkpoint() -> None:
            put()  # so that there is something to take an image of
            world.checkpoint(f"c{next(number)}")

        def undo() -> None:
            put()
            time.sleep(0.1)
            world.rewind()

        def undo_in_a_rush() -> None:
            for _ in range(12):
                put()
            world.rewind(5)

        wall, cpu = measured(put, 40, pid)
        for name, action, puts, limit, pause in (
            ("checkpoint", checkpoint, 1, 10.0, 0.0),
            ("rewind of the last change", undo, 1, 60.0, 100.0),
            ("rewind by 5 in a rush of changes", undo_in_a_rush, 12, 60.0, 0.0),
        ):
            both = measured(action, 20, pid)
            figures.show(name, both[0] - puts * wall - pause, both[1] - puts * cpu, limit, "ms")
        copies: list[World] = []
        both = measured(lambda: copies.append(world.fork()), 8, pid, nursery.pid)
        figures.show(
            "fork",
            both[0],
            both[1] + sum(cpu_of(each.connection.pid) for each in copies) / 8 * 1e3,
            100.0,
            "ms",
        )
        for each in copies:
            each.close()
        figures.show("reset", *measured(world.reset, 20, pid), 10.0, "ms")


def bench_replay(figures: Figures, nursery: Nursery) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        with nursery.world(seed=2, journal=path) as world:
            furnish(world)
        entries = read_journal(path).entries
        began = time.perf_counter()
        with nursery.world(seed=2, journal=path) as world:
            wall, cpu = time.perf_counter() - began, cpu_of(world.connection.pid)
        count = len(entries)
        figures.show(f"replay, of {count} changes", count / wall, count / cpu, 150.0, "1/s", least=True)


PLAIN = """
import io, sys
from urllib.parse import unquote
from werkzeug.test import run_wsgi_app
from labs.sandbox import moto_setup
from labs.sandbox.carrier import Answer
from labs.sandbox.clock import Clock
from labs.sandbox.web import GateServer

moto_setup.warm()
moto_setup.reset_state(0)
app = moto_setup.dispatcher()

def handle(raw):
    path, _, query = raw.target.partition("?")
    environ = {
        "REQUEST_METHOD": raw.method, "SCRIPT_NAME": "", "PATH_INFO": unquote(path), "QUERY_STRING": query,
        "RAW_URI": raw.target, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "wsgi.input": io.BytesIO(raw.body),
    }
    for name, value in (*raw.headers, ("Content-Length", str(len(raw.body)))):
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    chunks, status, headers = run_wsgi_app(app, environ)
    return Answer(int(status.split()[0]), tuple(headers), b"".join(chunks))

server = GateServer(handle, Clock())
server.start()
print(server.url, flush=True)
sys.stdin.read()
"""


def bench_put(figures: Figures, nursery: Nursery) -> None:
    """The same PUT by the same client to the same server, with a world behind it and with plain moto."""
    process = subprocess.Popen(
        [sys.executable, "-c", PLAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with nursery.world(seed=3) as world:
        keys = world.credentials()
        urls = {"plain": process.stdout.readline().strip(), "gated": world.endpoint}
        pids = {"plain": process.pid, "gated": world.connection.pid}
        figures_of: dict[str, list[tuple[float, float]]] = {"plain": [], "gated": []}
        puts = {}
        for name, url in urls.items():
            s3 = boto3.client(
                "s3",
                endpoint_url=url,
                region_name=world.region,
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key,
                config=Config(s3={"addressing_style": "path"}),
            )
            s3.create_bucket(Bucket="bench")
            puts[name] = partial(s3.put_object, Bucket="bench", Key="k", Body=b"x" * 1024)
            measured(puts[name], 50)
        for _ in range(20):  # in turns, so that what else the machine does falls on both
            for name, put in puts.items():
                figures_of[name].append(measured(put, 50, pids[name]))
        process.kill()
        process.wait()
        walls = {name: statistics.median(wall for wall, _ in each) for name, each in figures_of.items()}
        cpus = {name: statistics.mean(cpu for _, cpu in each) for name, each in figures_of.items()}
        for name in urls:
            print(f"{'PUT of 1 KB, ' + name:<46}{walls[name]:10.2f}{cpus[name]:10.2f}  ms")
        ratios = walls["gated"] / walls["plain"], cpus["gated"] / cpus["plain"]
        figures.show("PUT of 1 KB, gated to plain", *ratios, 1.2, "")


def main() -> int:
    figures = Figures()
    print(f"{'':<46}{'wall':>10}{'cpu':>10}    load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    bench_births(figures)
    with Nursery() as nursery:
        bench_states(figures, nursery)
        bench_replay(figures, nursery)
        bench_put(figures, nursery)
        if log := nursery.log():
            print(log[-3000:])
    return int(bool(figures.broken))


if __name__ == "__main__":
    sys.exit(main())
