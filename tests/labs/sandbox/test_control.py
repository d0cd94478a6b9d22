from __future__ import annotations

import http.client
import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from labs.errors import InputError, SandboxError
from labs.sandbox import World


def post(endpoint: str, path: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
    place = urlsplit(endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    data = body if isinstance(body, str) else json.dumps(body if body is not None else {})
    connection.request("POST", path, data, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text.startswith((b"{", b"[", b"n")) else text


@pytest.mark.parametrize("token", [None, "", "x", "Bearer", "é"])
@pytest.mark.parametrize(
    "call",
    [
        "status",
        "events",
        "case",
        "resources",
        "credentials",
        "metadata",
        "mark",
        "reset",
        "replay",
        "shutdown",
    ],
)
def test_nothing_answers_without_the_token(world: World, call: str, token: str | None) -> None:
    given = token.encode().decode("latin-1") if token else token
    assert post(world.connection.control.endpoint, f"/{call}", token=given)[0] == 401


def test_a_token_opens_only_its_own_world(world: World, nursery: Any) -> None:
    with nursery.world(seed=1) as other:
        assert (
            post(other.connection.control.endpoint, "/status", token=world.connection.control.token)[0] == 401
        )


def test_the_token_cannot_be_had_through_the_gate(world: World) -> None:
    for path in ("/status", "/credentials", "/reset", "/shutdown"):
        status, _ = post(world.endpoint, path, token=world.connection.control.token)
        assert status in (400, 403, 404, 405)
    assert world.events()[-1].error is not None


def test_the_credentials_of_root_do_not_open_the_control_endpoint(world: World) -> None:
    s3 = world.session("root").client("s3", endpoint_url=world.connection.control.endpoint)
    with pytest.raises(ClientError) as refused:
        s3.list_buckets()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (401, 501)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/nothing", {}, 404),
        ("/__init__", {}, 404),
        ("/found", {}, 404),
        ("/_replay", {}, 404),
        ("/events", {"since": 1}, 400),
        ("/events", {"after": "one"}, 400),
        ("/case", {}, 400),
        ("/events", "{", 400),
        ("/events", "[1]", 400),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_and_harms_nothing(
    world: World, path: str, body: object, status: int
) -> None:
    control = world.connection.control
    assert post(control.endpoint, path, body, control.token)[0] == status
    assert world.events() == ()


def test_a_long_poll_of_events_returns_when_one_comes(world: World) -> None:
    threading.Timer(0.3, world.client("sts").get_caller_identity).start()
    started = time.monotonic()
    assert [event.operation for event in world.events(wait=10)] == ["GetCallerIdentity"]
    assert time.monotonic() - started < 5


def test_a_long_poll_keeps_nobody_else_waiting(world: World) -> None:
    waiting = threading.Thread(target=world.events, args=(0, 1.0))
    waiting.start()
    started = time.monotonic()
    world.resources()
    assert time.monotonic() - started < 0.5
    waiting.join()


def test_a_user_without_a_key_gets_one_and_keeps_it(world: World) -> None:
    world.client("iam").create_user(UserName="dev")
    first = world.credentials("user/dev")
    assert first.principal_arn == "arn:aws:iam::123456789012:user/dev"
    assert world.credentials("dev") == first
    keys = world.client("iam").list_access_keys(UserName="dev")["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in keys] == [first.access_key_id]


def test_a_role_gives_a_session_and_the_same_one_again(world: World) -> None:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    world.client("iam").create_role(RoleName="app", AssumeRolePolicyDocument=trust)
    session = world.credentials("role/app")
    assert session.session_token
    assert session.expires
    assert world.credentials("role/app") == session
    arn = world.client("sts", as_="role/app").get_caller_identity()["Arn"]
    assert arn == session.principal_arn == "arn:aws:sts::123456789012:assumed-role/app/skylab"


def test_root_and_the_admin_are_always_there(world: World) -> None:
    assert world.credentials("root").principal_arn == "arn:aws:iam::123456789012:root"
    assert world.credentials("admin") == world.connection.credentials


@pytest.mark.parametrize(
    ("name", "kind", "title"),
    [
        ("nobody", SandboxError, "No such IAM user"),
        ("user/nobody", SandboxError, "No such IAM user"),
        ("role/nobody", SandboxError, "No such role"),
        ("group/staff", InputError, "No such kind of principal"),
        ("", SandboxError, "No such IAM user"),
    ],
)
def test_a_principal_that_is_not_there_is_said_to_be_so(
    world: World, name: str, kind: type[Exception], title: str
) -> None:
    with pytest.raises(kind, match=title):
        world.credentials(name)


def test_a_case_that_nobody_remembers_is_said_to_be_so(world: World) -> None:
    with pytest.raises(InputError, match="No such check"):
        world.case("nothing.1")


def test_what_was_made_is_listed(world: World) -> None:
    world.client("s3").create_bucket(Bucket="first")
    world.client("s3").put_object(Bucket="first", Key="a", Body=b"1")
    world.client("sqs").create_queue(QueueName="jobs")
    world.client("sns").create_topic(Name="news")
    world.client("iam").create_group(GroupName="staff")
    world.client("iam").create_policy(
        PolicyName="own",
        PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    )
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1a")
    ec2.create_security_group(VpcId=vpc, GroupName="web", Description="web")
    ec2.create_internet_gateway()
    ec2.create_key_pair(KeyName="laptop")
    ec2.allocate_address(Domain="vpc")
    world.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    world.client("rds").create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="longenough",
    )
    found = {(each.service, each.kind): each for each in world.resources()}
    assert found["s3", "bucket"].arn == "arn:aws:s3:::first"
    assert found["s3", "bucket"].summary == "us-east-1, 1 object"
    assert found["sqs", "queue"].id == "jobs"
    assert found["sns", "topic"].arn == "arn:aws:sns:us-east-1:123456789012:news"
    assert found["iam", "group"].summary == "0 users"
    assert found["iam", "policy"].id == "own"
    assert found["ec2", "vpc"].summary == "10.0.0.0/16"
    assert found["ec2", "volume"].summary.startswith("8 GiB")
    assert found["ec2", "subnet"].summary == "10.0.1.0/24, us-east-1a"
    assert found["ec2", "security group"].summary == "web"
    assert found["ec2", "internet gateway"].summary == "not attached"
    gateways = [each for each in world.resources() if each.kind == "internet gateway"]
    assert len(gateways) == 1, "that of the default VPC is nobody's work"
    assert found["ec2", "key pair"].id == "laptop"
    assert found["ec2", "elastic ip"].summary.endswith("idle")
    assert found["dynamodb", "table"].summary == "0 items"
    assert found["rds", "db instance"].summary == "mysql, db.t3.micro"
    assert [each.id for each in world.resources() if each.kind == "user"] == ["admin"]


def test_a_fresh_world_holds_the_admin_and_nothing_else(world: World) -> None:
    assert [(each.kind, each.id) for each in world.resources()] == [("user", "admin")]


def test_looking_leaves_no_trace(world: World) -> None:
    world.resources()
    world.credentials("root")
    assert world.events() == ()
