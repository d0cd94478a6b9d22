"""What was used is a part of the world: a rewind, a fork, a file and a restart keep it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from labs.sandbox import Nursery, World, read_journal
from labs.sandbox.raw import RawRequest
from tests.labs.sandbox.houses import House

START = datetime(2026, 1, 5, tzinfo=UTC)

Bill = Counter[tuple[str, str, Decimal, Decimal]]


@pytest.fixture
def world(nursery: Nursery, tmp_path: Path) -> Iterator[World]:
    with nursery.world(seed=1, start=START, journal=tmp_path / "journal") as world:
        use(world)
        yield world


def use(world: World) -> None:
    """A bit of everything, reads among it, which no journal has a change for."""
    s3, sqs, dynamodb = (world.client(name) for name in ("s3", "sqs", "dynamodb"))
    s3.create_bucket(Bucket="things")
    for size in (100_000, 200_000):
        s3.put_object(Bucket="things", Key=str(size), Body=b"x" * size)
        s3.get_object(Bucket="things", Key=str(size))["Body"].read()
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.receive_message(QueueUrl=queue)
    dynamodb.create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="t", Item={"k": {"S": "a"}, "v": {"S": "x" * 3000}})
    dynamodb.get_item(TableName="t", Key={"k": {"S": "a"}})
    world.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="gp3")
    world.advance(days=3)
    s3.list_objects_v2(Bucket="things")


def billed(world: World, end: datetime | None = None) -> Bill:
    """The lines of a bill until a moment, which goes on changing nothing."""
    lines = world.bill(end=end or START + timedelta(days=2)).bill.lines
    return Counter(
        (line.usage_type + line.where.operation, line.resource, line.quantity, line.cost) for line in lines
    )


def requests(world: World) -> dict[str, Decimal]:
    return {
        line.where.operation: line.quantity
        for line in world.bill().bill.lines
        if line.meter in ("s3.request", "sqs.request", "dynamodb.read", "dynamodb.write")
    }


ALL = {
    "CreateBucket": 1,
    "PutObject": 2,
    "GetObject": 2,
    "ListObjectsV2": 1,
    "CreateQueue": 1,
    "ReceiveMessage": 1,
    "PutItem": 3,
    "GetItem": Decimal("0.5"),
}


def test_each_request_is_counted_once(world: World) -> None:
    assert requests(world) == ALL
    assert len(billed(world)) >= len(ALL)


def test_a_fork_and_a_world_from_a_file_have_the_same_bill(
    world: World, nursery: Nursery, tmp_path: Path
) -> None:
    before = billed(world)
    world.export(tmp_path / "world")
    with world.fork(nursery) as copy:
        assert billed(copy) == before
        assert requests(copy) == ALL
        copy.client("s3").list_objects_v2(Bucket="things")
        assert requests(copy) == {**ALL, "ListObjectsV2": 2}
    with World.from_file(tmp_path / "world") as other:
        assert billed(other) == before
        assert requests(other) == ALL
    assert requests(world) == ALL


def test_a_restart_has_the_same_bill_and_so_has_the_one_after_it(
    world: World, nursery: Nursery, tmp_path: Path
) -> None:
    before = billed(world)
    world.close()
    for more in (0, 1):
        with nursery.world(seed=1, journal=tmp_path / "journal") as again:
            assert billed(again) == before
            assert requests(again) == {**ALL, "PutObject": 2 + more}
            again.client("s3").put_object(Bucket="things", Key=f"more {more}", Body=b"")


def test_what_a_killed_world_loses_are_the_reads_since_its_last_change(
    world: World, nursery: Nursery, tmp_path: Path
) -> None:
    """The list was the last request: nothing has written it down yet."""
    data = (tmp_path / "journal").read_bytes()
    assert not read_journal(tmp_path / "journal").usage
    (tmp_path / "copy").write_bytes(data)
    with nursery.world(seed=1, journal=tmp_path / "copy") as again:
        assert requests(again) == {name: count for name, count in ALL.items() if name != "ListObjectsV2"}


def test_a_killed_world_loses_no_more_than_some_hundreds_of_reads(house: House, tmp_path: Path) -> None:
    house.state.journal.open(tmp_path / "reads", "sandbox", "")
    sent: list[RawRequest] = []

    def keep(raw: RawRequest) -> RawRequest:
        sent.append(raw)
        return raw

    s3 = house.client("s3", bend=keep)
    s3.create_bucket(Bucket="things")
    s3.head_bucket(Bucket="things")
    for _ in range(600):
        assert house.gate.handle(sent[-1]).status == 200

    [(count, amount)] = [each for each in read_journal(tmp_path / "reads").usage.items() if each[1] > 1]

    assert (count.operation, amount) == ("HeadBucket", 500)


def test_a_rewind_takes_what_was_used_back_with_the_changes(world: World) -> None:
    world.client("s3").put_object(Bucket="things", Key="last", Body=b"")
    world.checkpoint("here")
    before = billed(world)
    assert requests(world) == {**ALL, "PutObject": 3}
    world.client("s3").put_object(Bucket="things", Key="later", Body=b"x" * 1_000_000)
    world.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=99, VolumeType="gp3")
    world.client("s3").get_object(Bucket="things", Key="later")["Body"].read()

    world.rewind(to="here")

    assert requests(world) == {**ALL, "PutObject": 3}
    assert billed(world) == before
    assert len([line for line in world.bill().bill.lines if line.meter == "ebs.volume"]) == 1


def test_a_call_that_fails_leaves_what_was_counted_before_it(world: World) -> None:
    """A launch that AWS refuses is undone as a whole; the reads before it have been made all the same."""
    ec2: Any = world.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    with pytest.raises(ec2.exceptions.ClientError):
        ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId="subnet-0")

    assert requests(world) == ALL


def test_the_preparation_of_a_world_counts_no_requests_but_what_it_made_costs(nursery: Nursery) -> None:
    def prepare(world: World) -> None:
        world.client("s3").create_bucket(Bucket="given")
        world.client("s3").put_object(Bucket="given", Key="k", Body=b"x" * 100_000)

    with nursery.world(seed=2, prepare=prepare, start=START) as world:
        world.advance(days=1)
        assert [line.meter for line in world.bill().bill.lines] == ["s3.storage"]
        world.client("s3").put_object(Bucket="given", Key="l", Body=b"")
        world.reset()
        assert [line.meter for line in world.bill().bill.lines] == ["s3.storage"]


def test_an_alarm_of_a_budget_has_been_sent_once_also_after_a_restart(
    nursery: Nursery, tmp_path: Path
) -> None:
    def let_in(service: str, action: str) -> str:
        granted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [granted]})

    def sent(world: World) -> str:
        sqs = world.client("sqs")
        url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
        name = "ApproximateNumberOfMessages"
        return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])

    with nursery.world(seed=1, start=START, journal=tmp_path / "journal") as world:
        sns, sqs = world.client("sns"), world.client("sqs")
        topic = sns.create_topic(Name="t")["TopicArn"]
        publish = let_in("budgets.amazonaws.com", "sns:Publish")
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=publish)
        sqs.create_queue(QueueName="q", Attributes={"Policy": let_in("sns.amazonaws.com", "sqs:SendMessage")})
        queue = f"arn:aws:sqs:us-east-1:{world.account}:q"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        world.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1000, VolumeType="gp3")
        world.client("budgets").create_budget(
            AccountId=world.account,
            Budget={
                "BudgetName": "b",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": "2", "Unit": "USD"},
            },
            NotificationsWithSubscribers=[
                {
                    "Notification": {
                        "NotificationType": "ACTUAL",
                        "ComparisonOperator": "GREATER_THAN",
                        "Threshold": 50.0,
                    },
                    "Subscribers": [{"SubscriptionType": "SNS", "Address": topic}],
                }
            ],
        )
        happened = [each.kind for _ in range(2) for each in world.advance(days=1).happened]
        assert happened == ["budgets.look"]
        assert sent(world) == "1"
    with nursery.world(seed=1, journal=tmp_path / "journal") as again:
        assert sent(again) == "1"
        again.advance(hours=12)
        assert sent(again) == "1"
