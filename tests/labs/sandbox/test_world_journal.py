"""A world made again from its journal: the same ids, the same answers, and nothing that was not allowed."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from labs.errors import JournalError
from labs.sandbox import JournalEntry, Nursery, World, read_journal
from labs.sandbox.raw import RawRequest

SEED = 11
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"},
    ],
}
ALL_OF_S3 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}


def with_keys(world: World, service: str, keys: dict[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=world.endpoint,
        region_name=world.region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def work(world: World) -> None:
    """More than forty changes, by an admin, a user, role sessions and a program on an instance."""
    iam, s3, ec2 = (world.client(service) for service in ("iam", "s3", "ec2"))
    sqs, dynamodb, sts = (world.client(service) for service in ("sqs", "dynamodb", "sts"))

    iam.create_role(RoleName="app", Path="/svc/", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="app", PolicyName="s3", PolicyDocument=json.dumps(ALL_OF_S3))
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="s3", PolicyDocument=json.dumps(ALL_OF_S3))
    iam.create_user(UserName="dev")
    iam.add_user_to_group(GroupName="staff", UserName="dev")
    dev = iam.create_access_key(UserName="dev")["AccessKey"]

    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for number in range(6):
        s3.put_object(Bucket="bucket", Key=f"key {number % 3}/ü", Body=bytes(range(256)) * (number + 1))
    with_keys(world, "s3", dev).put_object(Bucket="bucket", Key="by-the-user", Body=b"1")
    upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=1, Body=b"x" * 5_000_000)
    s3.complete_multipart_upload(
        Bucket="bucket",
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    s3.delete_object(Bucket="bucket", Key="key 0/ü")

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="web", Description="web")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    instance = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": "app"},
    )["Instances"][0]["InstanceId"]

    # What was received stays hidden for as long as the tests last, however slow the machine is.
    queue = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
    for number in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=f"job {number}")
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])
    threading.Timer(0.3, sqs.send_message, (), {"QueueUrl": queue, "MessageBody": "late"}).start()
    while sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]["Body"] != "late":
        pass  # each receive hides what it gave, until the late one comes to a waiting reader

    dynamodb.create_table(
        TableName="jobs",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(4):
        dynamodb.put_item(TableName="jobs", Item={"id": {"S": str(number)}, "n": {"N": str(number)}})

    role = "arn:aws:iam::123456789012:role/svc/app"
    session = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    with_keys(world, "s3", session).put_object(Bucket="bucket", Key="by-the-session", Body=b"2")
    world.client("s3", as_="role/app").put_object(Bucket="bucket", Key="by-the-role", Body=b"3")
    world.credentials("user/admin")
    program = "import boto3; boto3.client('s3').put_object(Bucket='bucket', Key='by-the-instance', Body=b'4')"
    environment = {"PATH": os.environ["PATH"], **world.instance_environment(instance)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def look(world: World) -> dict[str, Any]:
    """What the world answers to questions about all of it; answers are compared to the last date."""
    iam, s3, ec2 = (world.client(service) for service in ("iam", "s3", "ec2"))
    sqs, dynamodb = world.client("sqs"), world.client("dynamodb")
    queue = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    questions: dict[str, Callable[[], Any]] = {
        "iam": iam.get_account_authorization_details,
        "keys": lambda: iam.list_access_keys(UserName="dev"),
        "profiles": iam.list_instance_profiles,
        "versions": lambda: s3.list_object_versions(Bucket="bucket"),
        "instances": ec2.describe_instances,
        "volumes": ec2.describe_volumes,
        "interfaces": ec2.describe_network_interfaces,
        "vpcs": ec2.describe_vpcs,
        "groups": ec2.describe_security_groups,
        "queue": lambda: sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"]),
        "table": lambda: dynamodb.describe_table(TableName="jobs"),
        "items": lambda: dynamodb.scan(TableName="jobs"),
    }
    answers = {}
    for name, ask in questions.items():
        answer = ask()
        del answer["ResponseMetadata"]
        answers[name] = json.loads(json.dumps(answer, default=str))
    return answers


@pytest.fixture(scope="module")
def recorded(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The journal of a session, and what its world answered at the end."""
    path = tmp_path_factory.mktemp("recorded") / "journal.jsonl"
    with nursery.world(seed=SEED, journal=path) as world:
        work(world)
        return path, look(world)


def copied(path: Path, folder: Path) -> Path:
    copy = folder / "copy.jsonl"
    copy.write_bytes(path.read_bytes())
    return copy


def test_a_replay_gives_equal_ids_and_equal_answers(nursery: Nursery, recorded: tuple[Path, Any]) -> None:
    path, before = recorded
    entries = read_journal(path).entries
    assert len(entries) > 40
    with nursery.world(seed=SEED) as world:
        result = world.replay(entries)
        assert result.refused == ()
        assert result.applied == len(entries)
        assert look(world) == before


def test_a_session_goes_on_after_a_restart(
    nursery: Nursery, recorded: tuple[Path, Any], tmp_path: Path
) -> None:
    path = copied(recorded[0], tmp_path)
    with nursery.world(seed=SEED, journal=path) as world:
        assert look(world) == recorded[1]
        world.client("s3").put_object(Bucket="bucket", Key="after", Body=b"5")
        after = look(world)
    with nursery.world(seed=SEED, journal=path) as world:
        assert look(world) == after


def test_no_secret_stands_in_the_journal(nursery: Nursery, recorded: tuple[Path, Any]) -> None:
    path, _ = recorded
    text = path.read_text()
    with nursery.world(seed=SEED) as world:
        world.replay(read_journal(path).entries)
        secrets = [world.credentials(name).secret_access_key for name in ("admin", "root", "user/dev")]
    assert not [secret for secret in secrets if secret in text]
    for entry in read_journal(path).entries:
        body = entry.change.body if isinstance(entry.change, RawRequest) else b""
        assert not [secret for secret in secrets if secret.encode() in body]


def test_keys_of_a_world_with_another_secret_cannot_replay_it(
    nursery: Nursery, recorded: tuple[Path, Any]
) -> None:
    with nursery.world(seed=SEED, secret="another") as world:
        result = world.replay(read_journal(recorded[0]).entries)
        assert result.refused[0].what == "POST /"
        assert "InvalidClientTokenId" in result.refused[0].why
        assert [each.id for each in world.resources()] == ["admin"]


# Journals that somebody has put together by hand


def request_of(entry: JournalEntry) -> RawRequest:
    assert isinstance(entry.change, RawRequest)
    return entry.change


def put_of(entries: tuple[JournalEntry, ...], key: str) -> JournalEntry:
    return next(entry for entry in entries if str(entry) == f"PUT /bucket/{key}")


def test_an_entry_that_was_changed_is_refused_and_the_rest_is_not(
    nursery: Nursery, recorded: tuple[Path, Any]
) -> None:
    entries = read_journal(recorded[0]).entries
    target = put_of(entries, "by-the-user")
    forged = replace(target, change=replace(request_of(target), target="/bucket/forged"))
    with nursery.world(seed=SEED) as world:
        result = world.replay(forged if entry is target else entry for entry in entries)
        assert result.applied == len(entries) - 1
        assert [(each.number, each.what) for each in result.refused] == [
            (target.number, "PUT /bucket/forged")
        ]
        assert result.refused[0].why.startswith("SignatureDoesNotMatch")
        keys = [each["Key"] for each in world.client("s3").list_objects_v2(Bucket="bucket")["Contents"]]
        assert "forged" not in keys
        assert "by-the-session" in keys


def test_an_entry_that_is_signed_with_a_wrong_key_is_refused(
    nursery: Nursery, recorded: tuple[Path, Any], tmp_path: Path
) -> None:
    path = tmp_path / "other.jsonl"
    with nursery.world(seed=SEED, secret="mine", journal=path) as world:
        world.client("s3").create_bucket(Bucket="stolen")
    (foreign,) = read_journal(path).entries
    entries = read_journal(recorded[0]).entries
    with nursery.world(seed=SEED) as world:
        result = world.replay([*entries, replace(foreign, number=entries[-1].number + 1)])
        assert [(each.what, each.why[:18]) for each in result.refused] == [
            ("PUT /stolen", "InvalidAccessKeyId")
        ]


def test_what_iam_refuses_is_refused_in_a_replay_too(nursery: Nursery, recorded: tuple[Path, Any]) -> None:
    entries = [
        entry
        for entry in read_journal(recorded[0]).entries
        if b"PutGroupPolicy" not in getattr(entry.change, "body", b"")
    ]
    with nursery.world(seed=SEED) as world:
        result = world.replay(entries)
        assert [each.what for each in result.refused] == ["PUT /bucket/by-the-user"]
        assert "is not authorized to perform: s3:PutObject" in result.refused[0].why


def test_entries_in_another_order_show(nursery: Nursery, recorded: tuple[Path, Any]) -> None:
    entries = list(read_journal(recorded[0]).entries)
    entries[3], entries[4] = entries[4], entries[3]
    with nursery.world(seed=SEED) as world:
        result = world.replay(entries)
        late = entries[4].number
        assert f"It is number {late} and comes after number {late + 1}" in [
            each.why for each in result.refused
        ]


def test_an_entry_that_stands_there_twice_counts_once(nursery: Nursery, recorded: tuple[Path, Any]) -> None:
    entries = read_journal(recorded[0]).entries
    with nursery.world(seed=SEED) as world:
        result = world.replay([entries[0], entries[0]])
        assert (result.applied, len(result.refused)) == (1, 1)


def test_a_journal_of_another_label_or_seed_is_not_opened(
    nursery: Nursery, recorded: tuple[Path, Any], tmp_path: Path
) -> None:
    path = copied(recorded[0], tmp_path)
    held = path.read_bytes()
    with nursery.world(seed=SEED) as world, pytest.raises(JournalError, match="another world"):
        world.open_journal(path, "policies/bucket-or-object#1")
    with pytest.raises(JournalError, match="another world"):
        nursery.world(seed=SEED + 1, journal=path)
    assert path.read_bytes() == held


def test_two_worlds_do_not_share_a_journal(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with nursery.world(journal=path), pytest.raises(JournalError, match="in use"):
        nursery.world(journal=path)


# Nothing that was acknowledged is lost


def test_a_world_that_is_killed_loses_nothing_that_it_acknowledged(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    world = nursery.world(seed=SEED, journal=path)
    world.client("s3").create_bucket(Bucket="bucket")
    acknowledged: list[str] = []

    def write(thread: int) -> None:
        s3 = world.session().client("s3")
        for number in range(1000):
            key = f"{thread}-{number}"
            try:
                s3.put_object(Bucket="bucket", Key=key, Body=b"x" * 2000)
            except Exception:
                return
            acknowledged.append(key)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.7)
    os.kill(world.connection.pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert len(acknowledged) > 20
    with nursery.world(seed=SEED, journal=path) as again:
        keys = set()
        for page in again.client("s3").get_paginator("list_objects_v2").paginate(Bucket="bucket"):
            keys |= {each["Key"] for each in page["Contents"]}
    assert set(acknowledged) <= keys
    assert len(keys) <= len(acknowledged) + 4, "at most what was on its way in each thread"


def test_what_was_refused_is_not_in_the_journal(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with nursery.world(journal=path) as world:
        with pytest.raises(Exception, match="NoSuchBucket"):
            world.client("s3").put_object(Bucket="bucket", Key="k", Body=b"")
        with pytest.raises(Exception, match="AccessDenied"):
            world.client("s3", as_="anonymous").create_bucket(Bucket="bucket")
        world.client("s3").list_buckets()
    assert read_journal(path).entries == ()


def test_a_reset_sets_the_journal_aside_and_begins_another(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"

    def prepare(world: World) -> None:
        world.client("s3").create_bucket(Bucket="given")

    with nursery.world(seed=SEED, prepare=prepare, journal=path) as world:
        world.client("s3").create_bucket(Bucket="first")
        world.reset()
        world.client("s3").create_bucket(Bucket="second")
    assert [str(entry) for entry in read_journal(path).entries] == ["PUT /second"]
    assert [str(entry) for entry in read_journal(path.with_name("journal~")).entries] == ["PUT /first"]
    with nursery.world(seed=SEED, prepare=prepare, journal=path) as world:
        names = [each["Name"] for each in world.client("s3").list_buckets()["Buckets"]]
        assert names == ["given", "second"]


def test_the_body_of_a_recorded_upload_is_what_was_sent(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    data = bytes(range(256))
    with nursery.world(journal=path) as world:
        world.client("s3").create_bucket(Bucket="bucket")
        world.client("s3").put_object(Bucket="bucket", Key="k", Body=data)
    line = json.loads(path.read_text().splitlines()[-1])
    assert data in base64.b64decode(line["request"]["body64"])
