"""Every state that a world went through can be had again, and whoever is connected goes on working."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.errors import InputError, SandboxError
from labs.sandbox import Nursery, World, read_journal
from labs.sandbox.ring import STEPS

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def put(world: World, key: str, body: bytes = b"x") -> str:
    return str(world.client("s3").put_object(Bucket="bucket", Key=key, Body=body)["ETag"])


def keys(world: World) -> list[str]:
    listed = world.client("s3").list_objects_v2(Bucket="bucket")
    return [each["Key"] for each in listed.get("Contents", ())]


def made(world: World) -> list[str]:
    """What was done, as the history tells it."""
    return [change.what for change in world.history()[1:]]


@pytest.fixture
def bucket(world: World) -> World:
    world.client("s3").create_bucket(Bucket="bucket")
    return world


# Taking back


def test_the_last_change_is_taken_back(bucket: World) -> None:
    put(bucket, "a")
    put(bucket, "b")
    last = bucket.rewind()
    assert last.what == "s3 PutObject bucket/a"
    assert keys(bucket) == ["a"]
    bucket.rewind(2)
    assert bucket.client("s3").list_buckets()["Buckets"] == []


def test_the_history_tells_what_was_done_and_when(bucket: World) -> None:
    before = bucket.clock().now
    bucket.client("iam").create_user(UserName="dev")
    bucket.client("s3").list_buckets()
    bucket.advance(hours=1)
    changes = bucket.history()
    assert [change.what for change in changes] == [
        "the beginning",
        "s3 CreateBucket bucket",
        "iam CreateUser user/dev",
        "the clock moves 1h ahead",
    ]
    assert [change.number for change in changes] == [0, 1, 2, 3]
    assert abs(changes[2].time - before) < timedelta(seconds=20)


def test_what_was_undone_can_be_done_again_with_the_same_ids(bucket: World) -> None:
    s3 = bucket.client("s3")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="bucket", Key="k", Body=b"1")["VersionId"]
    bucket.rewind()
    assert s3.put_object(Bucket="bucket", Key="k", Body=b"1")["VersionId"] == first


def test_all_versions_of_an_object_come_back(bucket: World) -> None:
    s3 = bucket.client("s3")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        put(bucket, "k", body)
    s3.delete_object(Bucket="bucket", Key="k")
    bucket.checkpoint("deleted")
    before = s3.list_object_versions(Bucket="bucket")
    for version in before["Versions"]:
        s3.delete_object(Bucket="bucket", Key="k", VersionId=version["VersionId"])
    put(bucket, "k", b"three")
    bucket.rewind(to="deleted")
    after = s3.list_object_versions(Bucket="bucket")
    assert after["Versions"] == before["Versions"]
    assert after["DeleteMarkers"] == before["DeleteMarkers"]
    bodies = [
        s3.get_object(Bucket="bucket", Key="k", VersionId=each["VersionId"])["Body"].read()
        for each in after["Versions"]
    ]
    assert bodies == [b"two", b"one"]


def test_an_object_that_was_replaced_has_its_old_contents_again(bucket: World) -> None:
    put(bucket, "k", b"old")
    bucket.checkpoint("old")
    put(bucket, "k", b"new")
    bucket.client("s3").delete_object(Bucket="bucket", Key="k")
    bucket.rewind(to="old")
    assert bucket.client("s3").get_object(Bucket="bucket", Key="k")["Body"].read() == b"old"


def test_the_clocks_moves_are_taken_back_as_well(bucket: World) -> None:
    bucket.advance(days=3)
    put(bucket, "k")
    bucket.rewind()
    assert bucket.clock().offset == timedelta(days=3)
    bucket.rewind()
    assert bucket.clock().offset == timedelta()


def test_what_is_planned_is_planned_again(bucket: World) -> None:
    ec2 = bucket.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    ec2.run_instances(ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1)

    def state() -> str:
        return str(ec2.describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"])

    bucket.advance(hours=1)
    assert state() == "running"
    bucket.rewind()
    assert state() == "pending"
    bucket.advance(hours=1)
    assert state() == "running"


def test_the_ledger_forgets_what_did_not_happen(bucket: World) -> None:
    put(bucket, "kept")
    bucket.client("s3").list_buckets()
    seen = bucket.events()[-1].sequence
    put(bucket, "undone")
    bucket.client("s3").list_objects_v2(Bucket="bucket")
    bucket.rewind()
    assert [event.operation for event in bucket.events()] == ["CreateBucket", "PutObject", "ListBuckets"]
    put(bucket, "next")
    (event,) = bucket.events(after=seen)
    assert event.operation == "PutObject"


# Who is connected


def test_clients_that_are_connected_go_on_working(bucket: World) -> None:
    iam = bucket.client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName="app", PolicyName="s3", PolicyDocument=json.dumps(document))
    admin, role = bucket.session().client("s3"), bucket.session("role/app").client("s3")
    role.put_object(Bucket="bucket", Key="before", Body=b"1")
    endpoint = bucket.endpoint
    bucket.checkpoint("here")
    role.put_object(Bucket="bucket", Key="after", Body=b"2")
    bucket.rewind(to="here")
    assert bucket.endpoint == endpoint
    assert admin.list_objects_v2(Bucket="bucket")["KeyCount"] == 1
    assert role.list_objects_v2(Bucket="bucket")["KeyCount"] == 1
    role.put_object(Bucket="bucket", Key="again", Body=b"3")


def test_keys_that_were_made_since_are_gone(bucket: World) -> None:
    bucket.client("iam").create_user(UserName="dev")
    bucket.checkpoint("before")
    dev = bucket.session("user/dev").client("sts")
    dev.get_caller_identity()
    bucket.rewind(to="before")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        dev.get_caller_identity()


def test_credentials_that_were_handed_out_are_no_step_of_their_own(bucket: World) -> None:
    bucket.client("iam").create_user(UserName="dev")
    bucket.credentials("user/dev")
    assert [(change.what, change.counts) for change in bucket.history()[-2:]] == [
        ("iam CreateUser user/dev", True),
        ("credentials for principal user/dev", False),
    ]
    bucket.rewind()
    assert [each.id for each in bucket.resources() if each.kind == "user"] == ["admin"]


def test_an_instance_keeps_the_credentials_that_it_had(bucket: World) -> None:
    import urllib.request

    iam, ec2 = bucket.client("iam"), bucket.client("ec2")
    trust = json.dumps(TRUST).replace('{"AWS": "*"}', '{"Service": "ec2.amazonaws.com"}')
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust)
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    launched = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": "app"},
    )
    base = bucket.metadata_endpoint(launched["Instances"][0]["InstanceId"])

    def lease() -> str:
        url = f"{base}/latest/meta-data/iam/security-credentials/app"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(json.loads(answer.read())["AccessKeyId"])

    first = lease()
    put(bucket, "k")
    bucket.rewind()
    assert lease() == first
    (event,) = [each for each in bucket.events() if each.operation == "RunInstances"]
    assert event.error is None


# Names and numbers


def test_a_named_state_is_found_after_many_changes(bucket: World) -> None:
    put(bucket, "a")
    change = bucket.checkpoint("early")
    assert change.checkpoints == ("early",)
    for number in range(30):
        put(bucket, f"k{number}")
    bucket.checkpoint("late")
    put(bucket, "z")
    bucket.rewind(to="late")
    assert len(keys(bucket)) == 31
    bucket.rewind(to="early")
    assert keys(bucket) == ["a"]
    with pytest.raises(InputError, match="neither a checkpoint"):
        bucket.rewind(to="late")


def test_any_change_can_be_the_last_one_by_its_number(bucket: World) -> None:
    for name in "abcdef":
        put(bucket, name)
    numbers = {change.what[-1]: change.number for change in bucket.history()}
    bucket.rewind(to=numbers["d"])
    assert keys(bucket) == ["a", "b", "c", "d"]
    bucket.rewind(to=str(numbers["b"]))
    assert keys(bucket) == ["a", "b"]
    bucket.rewind(to=0)
    assert made(bucket) == []


@pytest.mark.parametrize("name", ["", "7", "a" * 70, "tab\t", "-x"])
def test_what_is_no_name_is_refused(world: World, name: str) -> None:
    with pytest.raises(InputError, match="no name"):
        world.checkpoint(name)


def test_a_name_that_is_given_again_means_the_later_state(bucket: World) -> None:
    bucket.checkpoint("here")
    put(bucket, "a")
    bucket.checkpoint("here")
    put(bucket, "b")
    bucket.rewind(to="here")
    assert keys(bucket) == ["a"]


@pytest.mark.parametrize(("asked", "title"), [({"steps": 9}, "So much"), ({"steps": 0}, "nothing back")])
def test_what_was_not_done_cannot_be_taken_back(bucket: World, asked: dict[str, Any], title: str) -> None:
    with pytest.raises(InputError, match=title):
        bucket.rewind(**asked)
    with pytest.raises(InputError, match="neither"):
        bucket.rewind(to=99)
    assert made(bucket) == ["s3 CreateBucket bucket"]


def test_a_rush_of_changes_can_be_taken_back_to_any_of_them(bucket: World) -> None:
    for number in range(40):
        put(bucket, f"{number:02}")
    for left in (37, 23, 22, 8, 1):
        bucket.rewind(len(keys(bucket)) - left)
        assert len(keys(bucket)) == left


def test_what_the_ring_has_let_go_of_is_made_again_from_the_journal(bucket: World) -> None:
    iam = bucket.client("iam")
    iam.create_user(UserName="dev")
    first = iam.create_access_key(UserName="dev")["AccessKey"]["AccessKeyId"]
    bucket.checkpoint("early")
    sqs = bucket.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    for number in range(STEPS + 40):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    patience = time.monotonic() + 10
    while len(bucket.history()) >= STEPS + 40:  # a rush is remembered when it is over
        assert time.monotonic() < patience
        time.sleep(0.05)
    bucket.rewind(STEPS + 30)
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    assert counts["Attributes"]["ApproximateNumberOfMessages"] == "10"
    bucket.rewind(to="early")
    assert [each["AccessKeyId"] for each in iam.list_access_keys(UserName="dev")["AccessKeyMetadata"]] == [
        first
    ]
    assert "QueueUrls" not in sqs.list_queues()


# What is prepared, reset, kept


def test_preparation_cannot_be_taken_back(nursery: Nursery) -> None:
    def prepare(world: World) -> None:
        world.client("s3").create_bucket(Bucket="bucket")
        with pytest.raises(SandboxError, match="no past yet"):
            world.checkpoint("early")

    with nursery.world(prepare=prepare) as world:
        put(world, "mine")
        world.rewind()
        assert keys(world) == []
        with pytest.raises(InputError):
            world.rewind()
        put(world, "mine")
        world.reset()
        assert keys(world) == []
        assert made(world) == []


def journaled(nursery: Nursery, path: Path, work: Callable[[World], None]) -> list[str]:
    """Work in a world with a journal; what its history tells at the end."""
    with nursery.world(seed=5, journal=path) as world:
        world.client("s3").create_bucket(Bucket="bucket")
        work(world)
        return made(world)


def test_a_restart_gives_the_rewound_world_with_its_names(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    def work(world: World) -> None:
        put(world, "a")
        world.checkpoint("good")
        put(world, "b")
        world.checkpoint("bad")
        put(world, "c")
        world.rewind(to="good")
        put(world, "d")
        world.advance(days=1)
        world.rewind()
        put(world, "e")

    told = journaled(nursery, path, work)
    with nursery.world(seed=5, journal=path) as world:
        assert keys(world) == ["a", "d", "e"]
        assert made(world) == told
        assert world.clock().offset == timedelta()
        world.rewind(to="good")
        assert keys(world) == ["a"]
        with pytest.raises(InputError):
            world.rewind(to="bad")
    with nursery.world(seed=5, journal=path) as world:
        assert keys(world) == ["a"]
    assert [str(entry) for entry in read_journal(path).entries] == ["PUT /bucket", "PUT /bucket/a"]
    assert path.read_text().count("PUT") == 6, "what was taken back can still be read by eye"


def test_a_journal_that_is_handed_in_holds_only_what_was_left_standing(
    nursery: Nursery, tmp_path: Path
) -> None:
    path = tmp_path / "journal.jsonl"

    def work(world: World) -> None:
        put(world, "wrong")
        world.rewind()
        put(world, "right")

    journaled(nursery, path, work)
    with nursery.world(seed=5) as fresh:
        result = fresh.replay(read_journal(path).entries)
        assert (result.applied, result.refused) == (2, ())
        assert keys(fresh) == ["right"]


def test_a_restart_can_be_taken_back_step_by_step(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    def work(world: World) -> None:
        for number in range(30):
            put(world, f"{number:02}")

    journaled(nursery, path, work)
    with nursery.world(seed=5, journal=path) as world:
        world.rewind(3)
        assert len(keys(world)) == 27


def test_a_reset_sets_the_past_aside(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with nursery.world(seed=5, journal=path) as world:
        world.client("s3").create_bucket(Bucket="bucket")
        world.advance(days=2)
        world.checkpoint("named")
        world.reset()
        assert world.clock().offset == timedelta()
        assert made(world) == []
        with pytest.raises(InputError):
            world.rewind(to="named")
        world.client("s3").create_bucket(Bucket="other")
    with nursery.world(seed=5, journal=path) as world:
        assert [each["Name"] for each in world.client("s3").list_buckets()["Buckets"]] == ["other"]


def test_images_are_taken_while_the_world_is_at_rest(bucket: World) -> None:
    """So that an undo makes nothing again: what cannot be made twice alike is the same afterwards."""
    ec2 = bucket.client("ec2")
    ec2.create_key_pair(KeyName="laptop")
    before = ec2.describe_key_pairs()["KeyPairs"][0]["KeyFingerprint"]
    time.sleep(0.5)
    put(bucket, "k")
    bucket.rewind()
    assert ec2.describe_key_pairs()["KeyPairs"][0]["KeyFingerprint"] == before
