"""A world that takes another one's place in its process is as fresh as one in a process of its own."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from labs.errors import SandboxError
from labs.sandbox import Credentials, Nursery, World

SEED = 7
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
)


@pytest.fixture
def used(nursery: Nursery) -> Iterator[World]:
    """A world that somebody has filled."""
    with nursery.world(seed=1, secret="old", prepare=fill, memory=False) as world:
        fill_more(world)
        yield world


def fill(world: World) -> None:
    """What a preparation makes."""
    iam = world.client("iam")
    iam.create_user(UserName="dev")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    world.client("s3").create_bucket(Bucket="bucket")
    world.client("s3").put_object(Bucket="bucket", Key="key", Body=b"value")


def fill_more(world: World) -> dict[str, Any]:
    """What a program does; all that it gets to see of ids."""
    ec2, sqs = world.client("ec2"), world.client("sqs")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launched = ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "app"}
    )
    instance = launched["Instances"][0]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    key = world.client("iam").create_access_key(UserName="dev")["AccessKey"]
    seen = {
        "instance": instance["InstanceId"],
        "address": instance["PrivateIpAddress"],
        "vpcs": [default, vpc],
        "user": world.client("iam").get_user(UserName="dev")["User"]["UserId"],
        "keys": [key["AccessKeyId"], key["SecretAccessKey"]],
        "queue": sqs.create_queue(QueueName="queue")["QueueUrl"].partition(
            "/",
        )[2],
        "role keys": world.credentials("role/app").access_key_id,
        "version": world.client("s3").put_bucket_versioning(
            Bucket="bucket", VersioningConfiguration={"Status": "Enabled"}
        )["ResponseMetadata"]["HTTPStatusCode"],
    }
    seen["object"] = world.client("s3").put_object(Bucket="bucket", Key="new", Body=b"x")["VersionId"]
    metadata = world.metadata_endpoint(instance["InstanceId"])
    seen["metadata"] = ask(metadata, "/latest/meta-data/instance-id")
    del seen["queue"]
    return seen


def ask(endpoint: str, path: str) -> str:
    """What an instance's metadata service says, with a token as IMDSv2 wants it."""
    place = urlsplit(endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    prefix = place.path.rstrip("/")
    connection.request(
        "PUT", f"{prefix}/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    )
    token = connection.getresponse().read().decode()
    connection.request("GET", f"{prefix}{path}", headers={"X-aws-ec2-metadata-token": token})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_nothing_of_the_old_world_is_left(used: World) -> None:
    old = used.credentials("admin")
    used.renew(SEED, secret="new")
    assert [each.id for each in used.resources()] == ["admin"]
    assert used.events() == ()
    assert used.client("s3").list_buckets()["Buckets"] == []
    assert used.client("ec2").describe_instances()["Reservations"] == []
    assert used.seed == SEED
    assert used.credentials("admin") != old
    for name in ("user/dev", "role/app"):
        with pytest.raises(SandboxError):
            used.credentials(name)


def test_it_goes_on_as_a_fresh_world_would(used: World, nursery: Nursery) -> None:
    used.renew(SEED, fill, secret="new")
    with nursery.world(seed=SEED, secret="new", prepare=fill) as fresh:
        assert fill_more(used) == fill_more(fresh)
        assert [each.id for each in used.resources()] == [each.id for each in fresh.resources()]
        told = [[event.operation for event in world.events()] for world in (used, fresh)]
        assert told[0] == told[1]
        assert used.credentials() == fresh.credentials()


def test_it_can_be_renewed_again_and_again(used: World) -> None:
    seen = []
    for _ in range(3):
        used.renew(SEED, fill, secret="same")
        seen.append(fill_more(used))
    assert seen[0] == seen[1] == seen[2]


def test_a_kept_world_comes_again_as_a_fresh_one_that_was_prepared(used: World, nursery: Nursery) -> None:
    used.renew(SEED, fill, secret="new")
    used.keep("filled")
    seen = []
    for _ in range(2):
        seen.append(fill_more(used))
        used.renew(1, fill_more_than_that, secret="other")
        used.renew_as("filled")
        assert (used.seed, used.events()) == (SEED, ())
    with nursery.world(seed=SEED, secret="new", prepare=fill) as fresh:
        assert used.credentials() == fresh.credentials()
        assert [each.id for each in used.resources()] == [each.id for each in fresh.resources()]
        assert seen == [fill_more(fresh)] * 2


def fill_more_than_that(world: World) -> None:
    fill(world)
    world.client("s3").create_bucket(Bucket="another")
    world.client("dynamodb").create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def test_the_clock_of_a_kept_world_has_stood_still(used: World) -> None:
    used.renew(SEED, fill, secret="new")
    used.advance(hours=30)
    before = used.clock().now
    used.keep("later")
    used.renew(SEED)
    used.advance(hours=100)
    time.sleep(0.05)
    used.renew_as("later")
    assert timedelta() <= used.clock().now - before
    assert used.clock().now - before < timedelta(minutes=1)
    assert used.client("s3").get_object(Bucket="bucket", Key="key")["Body"].read() == b"value"


def test_what_was_not_kept_cannot_come_again(used: World) -> None:
    used.kept["nothing"] = SEED  # as if the handle had been wrong
    with pytest.raises(SandboxError, match="nothing"):
        used.renew_as("nothing")


def test_clients_of_the_handle_stay_and_sign_with_the_new_keys(used: World) -> None:
    s3 = used.client("s3")
    used.renew(SEED, secret="new")
    assert used.client("s3") is s3
    assert s3.list_buckets()["Buckets"] == []
    assert [event.principal for event in used.events()] == [f"arn:aws:iam::{used.account}:user/admin"]


def test_old_keys_open_nothing(used: World) -> None:
    from labs.sandbox.clients import make_session

    old = used.credentials("user/dev"), used.credentials("admin")
    used.renew(SEED, fill, secret="new")
    for keys in old:
        session = make_session(used.endpoint, used.region, partial(Credentials.from_json, keys.to_json()))
        with pytest.raises(ClientError) as refused:
            session.client("sts").get_caller_identity()
        assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_requests_that_wait_at_the_door_never_reach_the_new_world(used: World) -> None:
    place = urlsplit(used.endpoint)
    request = b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\n\r\n"
    lines = []
    for number in range(60):
        line = socket.create_connection((place.hostname, place.port), timeout=5)
        line.sendall(request * 20 if number % 2 else request[: number % len(request)])
        lines.append(line)
    used.renew(SEED, fill, secret="new")
    for line in lines:
        with suppress(OSError):
            line.sendall(request)
    time.sleep(0.2)
    assert used.events() == ()
    for line in lines:
        line.close()


def test_a_request_that_has_not_ended_stands_in_the_way(used: World) -> None:
    queue = used.client("sqs").create_queue(QueueName="slow")["QueueUrl"]
    polling = threading.Thread(target=poll, args=(used, queue), daemon=True)
    polling.start()
    time.sleep(0.3)
    with pytest.raises(SandboxError, match="not ended"):
        used.renew(SEED)


def poll(world: World, queue: str) -> None:
    with suppress(Exception):
        world.session().client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)


def test_the_metadata_of_an_old_instance_is_gone_and_its_port_serves_a_new_one(used: World) -> None:
    used.renew(SEED, fill, secret="one")
    first = fill_more(used)
    endpoint = used.metadata_endpoint(first["instance"])
    used.renew(SEED + 1, fill, secret="two")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(endpoint, "/latest/meta-data/instance-id")
    second = fill_more(used)
    assert used.metadata_endpoint(second["instance"]) == endpoint
    assert ask(endpoint, "/latest/meta-data/instance-id") == second["instance"]


@pytest.mark.slow
def test_a_world_that_has_grown_large_is_not_renewed(used: World) -> None:
    used.client("s3").put_object(Bucket="bucket", Key="large", Body=bytes(80 * 1024 * 1024))
    with pytest.raises(SandboxError, match="too large"):
        used.renew(SEED)


def test_a_preparation_that_fails_ends_the_world(used: World) -> None:
    def fail(world: World) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        used.renew(SEED, fail)
    with pytest.raises(SandboxError):
        used.events()
