"""A world's clock as its users see it: everything moves with it, and clients keep their own time."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotoCredentials
from botocore.exceptions import ClientError

from labs.errors import InputError
from labs.sandbox import Nursery, World, read_journal

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SECONDS = timedelta(seconds=20)  # more than any test takes on a slow machine


def near(moment: datetime, wanted: datetime) -> bool:
    return abs(moment - wanted) < SECONDS


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def fetch(url: str) -> tuple[int, str]:
    """Status and body of a URL, whatever it answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


@pytest.fixture
def role(world: World) -> World:
    """A world with a role that may do everything, and whom everybody may take on."""
    iam = world.client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="app", PolicyName="all", PolicyDocument=json.dumps(ALL))
    return world


def session_of(world: World, seconds: int = 900) -> tuple[Any, datetime]:
    """A client that signs with an assumed role and never renews it, and when its credentials say they end."""
    arn = f"arn:aws:iam::{world.account}:role/app"
    given = world.client("sts").assume_role(RoleArn=arn, RoleSessionName="session", DurationSeconds=seconds)
    keys = given["Credentials"]
    client = boto3.client(
        "s3",
        endpoint_url=world.endpoint,
        region_name=world.region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
    return client, keys["Expiration"]


# What the clock shows


def test_a_world_begins_at_the_machines_time(world: World) -> None:
    reading = world.clock()
    assert near(reading.now, datetime.now(UTC))
    assert reading.offset == timedelta()


def test_an_advance_says_from_when_to_when_and_the_clock_goes_on_from_there(world: World) -> None:
    before = world.clock().now
    moved = world.advance(days=2, hours=3, minutes=4, seconds=5)
    assert before <= moved.before < before + SECONDS
    assert moved.now - moved.before == timedelta(days=2, hours=3, minutes=4, seconds=5)
    after = world.clock()
    assert moved.now <= after.now < moved.now + SECONDS
    assert after.offset == timedelta(days=2, hours=3, minutes=4, seconds=5)
    assert near(after.client_now, datetime.now(UTC))


@pytest.mark.parametrize("to", [datetime(2090, 2, 1), datetime(2090, 2, 1, tzinfo=UTC)])
def test_the_clock_moves_to_a_moment(world: World, to: datetime) -> None:
    assert world.advance(to=to).now == datetime(2090, 2, 1, tzinfo=UTC)
    assert near(world.clock().now, datetime(2090, 2, 1, tzinfo=UTC))


def test_time_does_not_run_backwards_nor_out_of_the_century(world: World) -> None:
    with pytest.raises(InputError, match="backwards"):
        world.advance(seconds=-1)
    with pytest.raises(InputError, match="backwards"):
        world.advance(to=datetime(2020, 1, 1))
    with pytest.raises(InputError, match="too far"):
        world.advance(days=40_000)
    assert world.clock().offset == timedelta()


def test_a_world_can_begin_at_any_time(nursery: Nursery) -> None:
    start = datetime(2031, 5, 4, 12, tzinfo=UTC)
    with nursery.world(start=start) as world:
        assert near(world.clock().now, start)
        world.client("s3").create_bucket(Bucket="bucket")
        made = world.client("s3").list_buckets()["Buckets"][0]["CreationDate"]
        assert near(made, start)


# What moves along


def test_dates_of_all_services_and_of_answers_move_along(world: World) -> None:
    world.advance(days=30)
    now = world.clock().now
    s3, iam, ec2 = (world.client(each) for each in ("s3", "iam", "ec2"))
    s3.create_bucket(Bucket="bucket")
    put = s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    told = datetime.strptime(put["ResponseMetadata"]["HTTPHeaders"]["date"], "%a, %d %b %Y %H:%M:%S %Z")
    secret = world.client("secretsmanager").create_secret(Name="s", SecretString="x")["ARN"]
    moments = [
        told.replace(tzinfo=UTC),
        s3.head_object(Bucket="bucket", Key="k")["LastModified"],
        s3.list_buckets()["Buckets"][0]["CreationDate"],
        iam.create_user(UserName="dev")["User"]["CreateDate"],
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["CreateTime"],
        world.client("secretsmanager").describe_secret(SecretId=secret)["CreatedDate"],
        datetime.fromisoformat(world.events()[-1].time),
    ]
    assert [moment for moment in moments if not near(moment, now)] == []


def test_a_condition_on_the_time_sees_the_worlds(world: World) -> None:
    iam = world.client("iam")
    iam.create_user(UserName="dev")
    until = f"{world.clock().now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListAllMyBuckets",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": until}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="dev", PolicyName="until", PolicyDocument=document)
    s3 = world.client("s3", as_="user/dev")
    s3.list_buckets()
    world.advance(hours=2)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_buckets()


@pytest.fixture
def queue(world: World) -> tuple[Any, str]:
    sqs = world.client("sqs")
    attributes = {"VisibilityTimeout": "600", "MessageRetentionPeriod": "86400"}
    return sqs, sqs.create_queue(QueueName="jobs", Attributes=attributes)["QueueUrl"]


def test_a_hidden_message_returns_when_its_time_has_passed(world: World, queue: tuple[Any, str]) -> None:
    sqs, url = queue
    sqs.send_message(QueueUrl=url, MessageBody="job")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "job"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    world.advance(minutes=9)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    world.advance(minutes=2)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "job"


def test_a_delayed_message_comes_and_an_old_one_goes(world: World, queue: tuple[Any, str]) -> None:
    sqs, url = queue
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    world.advance(minutes=16)
    assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"][0]["Body"] == "later"
    world.advance(days=2)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_reader_that_waits_is_answered_when_the_clock_is_moved(
    world: World, queue: tuple[Any, str]
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sqs, url = queue
    sqs.send_message(QueueUrl=url, MessageBody="job")
    sqs.receive_message(QueueUrl=url)
    reader = world.session().client("sqs")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(reader.receive_message, QueueUrl=url, WaitTimeSeconds=20)
        world.advance(minutes=11)
        assert answer.result(timeout=15)["Messages"][0]["Body"] == "job"


# Credentials


def test_a_live_client_keeps_its_token_and_the_server_says_that_it_has_expired(role: World) -> None:
    client, expires = session_of(role, 900)
    assert near(expires, datetime.now(UTC) + timedelta(seconds=900))
    client.list_buckets()
    role.advance(minutes=14)
    client.list_buckets()
    role.advance(minutes=2)
    with pytest.raises(ClientError) as refused:
        client.list_buckets()
    assert code_of(refused) == "ExpiredToken"


def test_credentials_end_by_the_clients_clock_whatever_the_worlds_shows(role: World) -> None:
    role.advance(days=100)
    _, expires = session_of(role, 3600)
    assert near(expires, datetime.now(UTC) + timedelta(hours=1))
    given = role.credentials("role/app")
    assert given.expires is not None
    assert near(datetime.fromisoformat(given.expires), datetime.now(UTC) + timedelta(hours=1))


def test_the_controls_give_a_new_session_when_the_old_one_has_ended(role: World) -> None:
    first = role.credentials("role/app")
    assert role.credentials("role/app") == first
    role.advance(hours=2)
    assert role.credentials("role/app").access_key_id != first.access_key_id


@pytest.fixture
def house(role: World) -> tuple[World, str]:
    """A world, and the metadata service of an instance with that role."""
    iam, ec2 = role.client("iam"), role.client("ec2")
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
    return role, role.metadata_endpoint(launched["Instances"][0]["InstanceId"])


def lease(base: str) -> dict[str, str]:
    status, text = fetch(f"{base}/latest/meta-data/iam/security-credentials/app")
    assert status == 200
    told: dict[str, str] = json.loads(text)
    return told


def test_an_instance_gets_new_credentials_when_the_old_ones_end(house: tuple[World, str]) -> None:
    world, base = house
    first = lease(base)
    assert near(datetime.fromisoformat(first["Expiration"]), datetime.now(UTC) + timedelta(hours=6))
    world.advance(hours=5, minutes=50)
    assert lease(base)["AccessKeyId"] == first["AccessKeyId"]
    world.advance(minutes=6)
    second = lease(base)
    assert second["AccessKeyId"] != first["AccessKeyId"]
    assert near(datetime.fromisoformat(second["Expiration"]), datetime.now(UTC) + timedelta(hours=6))


def test_a_token_of_the_metadata_service_ends_with_the_worlds_time(house: tuple[World, str]) -> None:
    world, base = house
    place = urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)

    def ask(method: str, path: str, **headers: str) -> tuple[int, str]:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    _, token = ask("PUT", "/latest/api/token", X_aws_ec2_metadata_token_ttl_seconds="60")
    assert ask("GET", "/latest/meta-data/", X_aws_ec2_metadata_token=token)[0] == 200
    world.advance(seconds=61)
    assert ask("GET", "/latest/meta-data/", X_aws_ec2_metadata_token=token)[0] == 401
    connection.close()


# Signatures


@pytest.fixture
def stored(world: World) -> World:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"hello")
    return world


def presigned(world: World, version: str | None = None, seconds: int = 3600) -> str:
    """A URL for the object, as a program in the shell of `skylab env` would presign it."""
    keys = world.credentials()
    client = boto3.client(
        "s3",
        endpoint_url=world.endpoint,
        region_name=world.region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        config=Config(s3={"addressing_style": "path"}, **({"signature_version": version} if version else {})),
    )
    return str(
        client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"}, ExpiresIn=seconds)
    )


def let_the_second_turn() -> None:
    """A signature tells its time to the second, and so cannot tell what came first within one."""
    time.sleep(1.01 - time.time() % 1)


def test_a_presigned_url_ends_with_the_worlds_time(stored: World) -> None:
    old = presigned(stored, "s3v4")
    let_the_second_turn()
    assert fetch(old) == (200, "hello")
    stored.advance(minutes=59)
    assert fetch(old)[0] == 200
    stored.advance(minutes=2)
    status, told = fetch(old)
    assert status == 403
    assert "Request has expired" in told
    assert fetch(presigned(stored, "s3v4", 60))[0] == 200, "one that is made now is fresh"
    stored.advance(minutes=2)
    assert fetch(old)[0] == 403


def test_each_url_goes_by_the_time_at_which_it_was_made(stored: World) -> None:
    stored.advance(days=1)
    made_late = presigned(stored, "s3v4")
    let_the_second_turn()
    stored.advance(minutes=30)
    assert fetch(made_late)[0] == 200
    stored.advance(minutes=31)
    assert fetch(made_late)[0] == 403


def test_a_url_of_the_retired_version_goes_by_the_clients_clock(stored: World) -> None:
    url = presigned(stored, "s3")
    stored.advance(days=1)
    assert fetch(url) == (200, "hello")


def test_the_shell_of_a_world_presigns_with_the_version_that_says_when(
    stored: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stored.environment().items():
        monkeypatch.setenv(name, value)
    url = boto3.Session().client("s3").generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"})
    assert "X-Amz-Date=" in url
    assert "X-Amz-Date=" in stored.client("s3").generate_presigned_url(
        "get_object", {"Bucket": "bucket", "Key": "k"}
    )
    assert fetch(url) == (200, "hello")


def test_an_upload_form_ends_with_the_worlds_time(stored: World) -> None:
    form = stored.client("s3").generate_presigned_post("bucket", "up", ExpiresIn=3600)
    boundary = "b0undary"
    fields = {**form["fields"], "file": "hello"}
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    data = f"{body}--{boundary}--\r\n".encode()

    def send() -> int:
        request = urllib.request.Request(form["url"], data, method="POST")
        request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    assert send() == 204
    let_the_second_turn()
    stored.advance(hours=2)
    assert send() == 403


def signed_at(world: World, moment: datetime) -> int:
    """The status of a request that was signed by a clock that shows this."""
    keys = world.credentials()
    request = AWSRequest("GET", f"{world.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15")
    request.context["timestamp"] = f"{moment:%Y%m%dT%H%M%SZ}"
    signer = SigV4Auth(BotoCredentials(keys.access_key_id, keys.secret_access_key), "sts", world.region)
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signer._inject_signature_to_request(request, signature)
    place = urlsplit(world.endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    connection.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", headers=dict(request.headers))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.parametrize(
    ("ahead", "accepted"),
    [
        (timedelta(), True),
        (timedelta(minutes=14), True),
        (timedelta(minutes=20), False),
        (timedelta(hours=5), False),
        (timedelta(days=2), True),
        (timedelta(days=2, minutes=14), True),
        (timedelta(days=2, minutes=20), False),
        (-timedelta(minutes=20), False),
    ],
)
def test_who_signs_may_go_by_either_clock_and_by_no_other(
    world: World, ahead: timedelta, accepted: bool
) -> None:
    world.advance(days=2)
    assert (signed_at(world, datetime.now(UTC) + ahead) == 200) is accepted


# What is kept


def look(world: World) -> tuple[Any, ...]:
    s3, sqs = world.client("s3"), world.client("sqs")
    versions = s3.list_object_versions(Bucket="bucket").get("Versions", [])
    queue = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return (
        [(each["Key"], each["VersionId"], each["LastModified"]) for each in versions],
        counts["ApproximateNumberOfMessages"],
        counts["ApproximateNumberOfMessagesNotVisible"],
        counts["CreatedTimestamp"],
    )


def work(world: World) -> None:
    s3, sqs = world.client("s3"), world.client("sqs")
    s3.create_bucket(Bucket="bucket")
    url = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
    for number in range(3):
        s3.put_object(Bucket="bucket", Key=f"k{number}", Body=b"x")
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
        world.advance(days=1)
    sqs.receive_message(QueueUrl=url)
    world.advance(minutes=30)


@pytest.fixture
def worked(nursery: Nursery, tmp_path: Path) -> Iterator[tuple[Path, tuple[Any, ...], timedelta]]:
    path = tmp_path / "journal.jsonl"
    with nursery.world(seed=3, journal=path) as world:
        work(world)
        yield path, look(world), world.clock().offset


def test_a_restart_gives_the_same_world_and_the_same_offset(
    nursery: Nursery, worked: tuple[Path, tuple[Any, ...], timedelta], tmp_path: Path
) -> None:
    path, before, offset = worked
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(path.read_bytes())
    with nursery.world(seed=3, journal=copy) as world:
        assert look(world) == before
        assert world.clock().offset == offset == timedelta(days=3, minutes=30)


def test_a_replay_moves_the_clock_as_far(
    nursery: Nursery, worked: tuple[Path, tuple[Any, ...], timedelta]
) -> None:
    path, before, offset = worked
    with nursery.world(seed=3) as world:
        assert world.replay(read_journal(path).entries).refused == ()
        assert look(world) == before
        assert world.clock().offset == offset


def test_a_journal_knows_where_its_clock_began(nursery: Nursery, tmp_path: Path) -> None:
    path, start = tmp_path / "journal.jsonl", datetime(2030, 1, 1, tzinfo=UTC)
    with nursery.world(journal=path, start=start) as world:
        world.client("s3").create_bucket(Bucket="bucket")
        world.advance(days=1)
        made = world.client("s3").list_buckets()["Buckets"]
    assert read_journal(path).offset > timedelta(days=365)
    with nursery.world(journal=path) as world:
        assert near(world.clock().now, start + timedelta(days=1))
        assert world.client("s3").list_buckets()["Buckets"] == made
    with nursery.world() as world:
        held = read_journal(path)
        assert world.replay(held.entries, held.offset).refused == ()
        assert world.client("s3").list_buckets()["Buckets"] == made


# Who may move it


def test_no_credentials_of_the_world_reach_its_clock_or_its_past(role: World) -> None:
    place = urlsplit(role.connection.control.endpoint)
    for name in ("root", "admin", "role/app"):
        keys = role.credentials(name)
        for call in ("advance", "rewind", "checkpoint", "history", "export", "fork", "interrupt", "cpu"):
            request = AWSRequest(
                "POST", f"http://{place.netloc}/{call}", data=b'{"seconds": 3600, "steps": 1}'
            )
            signer = SigV4Auth(
                BotoCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token),
                "sts",
                "us-east-1",
            )
            signer.add_auth(request)
            for address in (place.netloc, urlsplit(role.endpoint).netloc):
                connection = http.client.HTTPConnection(address, timeout=5)
                connection.request("POST", f"/{call}", request.data, dict(request.headers))
                answer = connection.getresponse()
                answer.read()
                connection.close()
                assert answer.status in (401, 403, 400, 404, 405), (name, call, address)
    assert role.clock().offset == timedelta()
    assert len(role.client("iam").list_roles()["Roles"]) == 1
