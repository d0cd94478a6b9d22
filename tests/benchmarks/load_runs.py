"""Does a world hold under load? python tests/benchmarks/load_runs.py [REQUESTS] [CLIENTS]

CLIENTS (8) at once make REQUESTS (10,000) mixed requests twice: reads, writes and refusals of seven services.
Each answer is checked when it comes, and nothing is sent again. In the end everything that was acknowledged
must be there, and nothing else; each request must stand in the ledger; and in the second half, when the
ledger is full, the world's memory must stay flat.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from labs.sandbox import Nursery, World

SERVICES = ("s3", "sqs", "sns", "iam", "dynamodb", "ec2", "sts")
CYCLE = 20  # requests of one cycle
FLAT = 10.0  # MiB that the second half may grow by
ONCE = Config(retries={"total_max_attempts": 1})


@dataclass
class Tally:
    """What all clients together have done, and what went wrong."""

    requests: int = 0
    published: set[str] = field(default_factory=set)
    received: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, **_: Any) -> None:
        with self.lock:
            self.requests += 1


class Client:
    """One client: cycles of calls on things of its own, and on some that it shares with all others."""

    def __init__(self, world: World, number: int, tally: Tally) -> None:
        self.number, self.tally = number, tally
        self.done = 0
        session, guest = world.session(), world.session("guest")
        self.use = {each: session.client(each, config=ONCE) for each in SERVICES}
        self.guest = guest.client("s3", config=ONCE)
        for each in (*self.use.values(), self.guest):
            each.meta.events.register("before-send", tally.count)
        self.queue = f"{world.endpoint}/{world.account}/jobs"
        self.topic = f"arn:aws:sns:{world.region}:{world.account}:news"
        self.subnet = world.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        self.kept: dict[str, str] = {}  # the only version of each key

    def run(self, cycles: int) -> None:
        for _ in range(cycles):
            try:
                for what, right in self._cycle(self.done):
                    if not right:
                        self._wrong(what)
            except Exception as broken:
                self._wrong(repr(broken))
            self.done += 1

    def _wrong(self, what: str) -> None:
        with self.tally.lock:
            self.tally.wrong.append(f"client {self.number}, cycle {self.done}: {what}")

    def _cycle(self, turn: int) -> Iterator[tuple[str, bool]]:
        """What was asked, and whether the answer is right; CYCLE requests."""
        text = f"{self.number}-{turn}"
        yield from self._objects(f"{self.number}/{turn % 10}", text.encode() * 50)
        yield from self._messages(text)
        yield from self._people(f"user-{text}", text)
        yield from self._items(text)

    def _objects(self, key: str, body: bytes) -> Iterator[tuple[str, bool]]:
        s3, place = self.use["s3"], {"Bucket": "kept", "Key": key}
        version = s3.put_object(**place, Body=body)["VersionId"]
        yield "the version read", s3.get_object(**place, VersionId=version)["Body"].read() == body
        yield "the newest read", s3.get_object(**place)["VersionId"] == version
        old = self.kept.get(key, "none")
        deleted = s3.delete_objects(Bucket="kept", Delete={"Objects": [{"Key": key, "VersionId": old}]})
        yield "the old one deleted", [each["VersionId"] for each in deleted.get("Deleted", ())] == [old]
        self.kept[key] = version
        listed = s3.list_objects_v2(Bucket="kept", Prefix=f"{self.number}/")["Contents"]
        yield "the keys listed", {each["Key"] for each in listed} == self.kept.keys()
        yield "a stranger refused", _refused(self.guest.get_object, **place)

    def _messages(self, text: str) -> Iterator[tuple[str, bool]]:
        sqs, sns = self.use["sqs"], self.use["sns"]
        yield "a message sent", bool(sqs.send_message(QueueUrl=self.queue, MessageBody=text)["MessageId"])
        told = sns.publish(TopicArn=self.topic, Message=f"news {text}")
        yield "news published", bool(told["MessageId"])
        with self.tally.lock:
            self.tally.published |= {text, f"news {text}"}
        for _ in range(2):
            self._take(1)

    def _take(self, most: int) -> bool:
        """Receive some messages and delete them; whether there were any. Two requests each time."""
        sqs = self.use["sqs"]
        found = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=most).get("Messages", ())
        with self.tally.lock:
            self.tally.received |= {each["Body"] for each in found}
        entries = [{"Id": str(at), "ReceiptHandle": m["ReceiptHandle"]} for at, m in enumerate(found)]
        if entries:
            sqs.delete_message_batch(QueueUrl=self.queue, Entries=entries)
        else:
            sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        return bool(entries)

    def _people(self, name: str, text: str) -> Iterator[tuple[str, bool]]:
        iam = self.use["iam"]
        made = iam.create_user(UserName=name)["User"]["UserId"]
        yield "a user made", iam.get_user(UserName=name)["User"]["UserId"] == made
        iam.delete_user(UserName=name)
        yield "a user gone", _refused(iam.get_user, "NoSuchEntity", UserName=name)
        tag = {"Key": f"client-{self.number}", "Value": text}
        self.use["ec2"].create_tags(Resources=[self.subnet], Tags=[tag])

    def _items(self, text: str) -> Iterator[tuple[str, bool]]:
        dynamodb, key = self.use["dynamodb"], {"k": {"S": f"client {self.number}"}}
        dynamodb.put_item(TableName="t", Item={**key, "v": {"S": text}})
        yield "an item read", dynamodb.get_item(TableName="t", Key=key)["Item"]["v"]["S"] == text
        dynamodb.update_item(
            TableName="t",
            Key={"k": {"S": "all"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )


def _refused(call: Any, code: str = "AccessDenied", **asked: Any) -> bool:
    try:
        call(**asked)
    except ClientError as fault:
        return bool(fault.response["Error"]["Code"] == code)
    return False


def furnish(world: World) -> None:
    """What the clients share."""
    s3, sqs, sns = (world.client(each) for each in ("s3", "sqs", "sns"))
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    world.client("iam").create_user(UserName="guest")
    topic = sns.create_topic(Name="news")["TopicArn"]
    queue = f"arn:aws:sqs:{world.region}:{world.account}:jobs"
    letting = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": '
        f'"sns.amazonaws.com"}}, "Action": "sqs:SendMessage", "Resource": "{queue}"}}]}}'
    )
    # Nobody is slow enough for a message to come back before it is deleted.
    sqs.create_queue(QueueName="jobs", Attributes={"Policy": letting, "VisibilityTimeout": "3600"})
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=raw)
    world.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )


def at_once(clients: list[Client], cycles: int) -> None:
    threads = [threading.Thread(target=each.run, args=(cycles,)) for each in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def verify(world: World, clients: list[Client], tally: Tally) -> Iterator[str]:
    """What is lost, and what there is too much of."""
    while clients[0]._take(10):
        pass
    if tally.received != tally.published:
        yield f"messages: {len(tally.published)} were sent, and {len(tally.received)} of them came"
    listed = world.client("s3").get_paginator("list_object_versions").paginate(Bucket="kept")
    held = {(each["Key"], each["VersionId"]) for page in listed for each in page.get("Versions", ())}
    if held != {kept for client in clients for kept in client.kept.items()}:
        yield f"versions: {len(held)} are there"
    users = {each["UserName"] for each in world.client("iam").list_users()["Users"]}
    if users != {"admin", "guest"}:
        yield f"users: {sorted(users)}"
    counted = world.client("dynamodb").get_item(TableName="t", Key={"k": {"S": "all"}})["Item"]["n"]["N"]
    if int(counted) != sum(client.done for client in clients):
        yield f"the counter of all: {counted} of {sum(client.done for client in clients)}"
    tags = world.client("ec2").describe_subnets(SubnetIds=[clients[0].subnet])["Subnets"][0]["Tags"]
    if {(each["Key"], each["Value"]) for each in tags} != {
        (f"client-{client.number}", f"{client.number}-{client.done - 1}") for client in clients
    }:
        yield f"tags: {tags}"


def rss_of(pid: int) -> float:
    """MiB that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def run(nursery: Nursery, requests: int, number: int, parts: int = 8) -> tuple[list[str], int, list[float]]:
    """A world under load: what was wrong, how many requests were made, and its memory after each part."""
    with nursery.world(seed=4) as world:
        furnish(world)
        tally, memory = Tally(), []
        clients = [Client(world, each, tally) for each in range(number)]
        before = world.events()[-1].sequence
        for _ in range(parts):
            at_once(clients, -(-2 * requests // (parts * number * CYCLE)))
            memory.append(rss_of(world.connection.pid))
        made, asked = world.events()[-1].sequence - before, tally.requests
        wrong = [*tally.wrong, *verify(world, clients, tally)]
        if made != asked:
            wrong.append(f"the ledger has {made} events of {asked} requests")
        return wrong, asked, memory


def main(requests: int, number: int) -> int:
    with Nursery() as nursery:
        began = time.perf_counter()
        wrong, made, memory = run(nursery, requests, number)
        seconds = time.perf_counter() - began
        log = nursery.log()
    grown = memory[-1] - memory[3]
    broken = [bool(wrong), grown > FLAT]
    verdicts = ["BROKEN" if each else "holds" for each in broken]
    print(f"requests of {number} clients at once:       {made}, {made / seconds:.0f} a second")
    print(f"lost or wrong:                       {len(wrong)}, at most 0: {verdicts[0]}")
    print(f"memory after each part, MiB:         {', '.join(f'{each:.0f}' for each in memory)}")
    print(f"growth in the second half, MiB:      {grown:.1f}, at most {FLAT}: {verdicts[1]}")
    for each in (*wrong[:10], *filter(None, [log[-2000:]])):
        print(each)
    return int(any(broken))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else 10_000, numbers[1] if len(numbers) > 1 else 8))
