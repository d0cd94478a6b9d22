"""Is anything lost when a world is killed? python tests/benchmarks/kill_runs.py [RUNS] [SEED]

Each run writes to a world from several threads and kills its process with SIGKILL at a random moment. A world
that goes on from the journal must then have every write that was acknowledged, with the ids and the object
versions that were answered, and its clock as far ahead; and of the rest no more than what was on its way.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from labs.sandbox import Nursery, World, read_journal

WRITERS = 4
LONGEST = 0.7  # seconds of writing


class Load:
    """Writers, and what was acknowledged to each: kind and id."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.acknowledged: set[tuple[str, str]] = set()
        self.moved: list[float] = []
        self._lock = threading.Lock()
        world.client("s3").create_bucket(Bucket="kept")
        world.client("s3").put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
        world.client("sqs").create_queue(QueueName="jobs")
        world.client("dynamodb").create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        services = ("s3", "iam", "sqs", "dynamodb", "ec2")
        self.clients = [{each: world.session().client(each) for each in services} for _ in range(WRITERS)]

    def run(self, seconds: float) -> None:
        """Write for so long, then kill the world."""
        threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        threads.append(threading.Thread(target=self._move_clock))
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        os.kill(self.world.connection.pid, signal.SIGKILL)
        for thread in threads:
            thread.join()

    def _write(self, writer: int) -> None:
        number = 0
        try:
            while True:
                number += 1
                for made in self._writes(self.clients[writer], f"{writer}", f"{writer}-{number}"):
                    with self._lock:
                        self.acknowledged.add(made)
        except Exception:
            return  # killed

    def _writes(self, clients: dict[str, Any], key: str, name: str) -> Iterator[tuple[str, str]]:
        """One write to each service: what was made, as soon as it was acknowledged."""
        body = os.urandom(random.choice((10, 2_000, 300_000)))
        queue = f"{self.world.endpoint}/{self.world.account}/jobs"
        put = clients["s3"].put_object(Bucket="kept", Key=key, Body=body)
        yield "version", f"{put['VersionId']} {put['ETag']}"  # which is the digest of what it holds
        yield "user", clients["iam"].create_user(UserName=name)["User"]["UserId"]
        yield "message", clients["sqs"].send_message(QueueUrl=queue, MessageBody=name)["MessageId"]
        clients["dynamodb"].put_item(TableName="t", Item={"k": {"S": name}})
        yield "item", name
        yield "volume", clients["ec2"].create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]

    def _move_clock(self) -> None:
        while True:
            try:
                self.world.advance(seconds=1)
            except Exception:
                return
            self.moved.append(1.0)
            time.sleep(0.02)


def found_in(world: World) -> Iterator[tuple[str, str]]:
    """All that a world holds of what the writers make."""
    s3, iam, sqs = (world.client(each) for each in ("s3", "iam", "sqs"))
    for page in s3.get_paginator("list_object_versions").paginate(Bucket="kept"):
        for each in page.get("Versions", ()):
            yield "version", f"{each['VersionId']} {each['ETag']}"
    for page in iam.get_paginator("list_users").paginate():
        for user in page["Users"]:
            if user["UserName"] != "admin":
                yield "user", user["UserId"]
    queue = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield "message", message["MessageId"]
    for page in world.client("dynamodb").get_paginator("scan").paginate(TableName="t"):
        for item in page["Items"]:
            yield "item", item["k"]["S"]
    for volume in world.client("ec2").describe_volumes()["Volumes"]:
        yield "volume", volume["VolumeId"]


def run_once(nursery: Nursery, seed: int, longest: float = LONGEST) -> str | None:
    """One run; None, or what was wrong."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="skylab-kill-") as folder:
        path = Path(folder) / "journal.jsonl"
        world = nursery.world(seed=seed, journal=path)
        load = Load(world)
        load.run(draw.uniform(0.02, longest))
        torn = read_journal(path).torn
        with nursery.world(seed=seed, journal=path) as again:
            offset, found = again.clock().offset, set(found_in(again))
        lost = load.acknowledged - found
        extra = found - load.acknowledged
        print(f"run {seed}: {len(load.acknowledged)} acknowledged, {len(extra)} more, {torn} bytes torn")
        if lost:
            return f"lost {len(lost)}: {sorted(lost)[:3]}"
        if len(extra) > WRITERS:
            return f"{len(extra)} that nobody was told of, with {WRITERS} writers"
        ahead = timedelta(seconds=sum(load.moved))
        if not ahead <= offset <= ahead + timedelta(seconds=1):
            return f"the clock is {offset} ahead, and was moved by {ahead}"
    return None


def main(runs: int, first: int) -> int:
    wrong = []
    with Nursery() as nursery:
        for seed in range(first, first + runs):
            if (fault := run_once(nursery, seed)) is not None:
                wrong.append(f"run {seed}: {fault}")
        log = nursery.log()
    print("\n".join(wrong) or f"{runs} runs: nothing lost, nothing wrong")
    if log:
        print(log[-2000:])
    return int(bool(wrong))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else 100, numbers[1] if len(numbers) > 1 else 1))
