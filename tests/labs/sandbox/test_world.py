from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.aws.iam import case_from_json, explain
from labs.errors import SandboxError
from labs.sandbox import Connection, Nursery, World

ALLOW_GET = (
    '{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow",'
    ' "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]}'
)


def prepare(world: World) -> None:
    """A bucket with an object, and a user who may read objects and nothing else."""
    world.client("s3").create_bucket(Bucket="bucket")
    world.client("s3").put_object(Bucket="bucket", Key="key", Body=b"hello")
    world.client("iam").create_user(UserName="dev")
    world.client("iam").put_user_policy(UserName="dev", PolicyName="read", PolicyDocument=ALLOW_GET)


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


@pytest.fixture
def prepared(nursery: Nursery) -> Any:
    with nursery.world(seed=3, prepare=prepare) as world:
        yield world


# IAM is in force


def test_a_user_does_what_the_policy_says_and_nothing_else(prepared: World) -> None:
    s3 = prepared.client("s3", as_="user/dev")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"hello"
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket="bucket")
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"] == (
        "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: s3:ListBucket on "
        'resource: "arn:aws:s3:::bucket" because no identity-based policy allows the s3:ListBucket action'
    )
    assert code(s3.put_object, Bucket="bucket", Key="key", Body=b"") == "AccessDenied"


def test_a_change_of_policy_is_obeyed_by_the_next_request(prepared: World) -> None:
    iam, s3 = prepared.client("iam"), prepared.client("s3", as_="user/dev")
    s3.get_object(Bucket="bucket", Key="key")
    iam.delete_user_policy(UserName="dev", PolicyName="read")
    assert code(s3.get_object, Bucket="bucket", Key="key") == "AccessDenied"
    iam.put_user_policy(UserName="dev", PolicyName="read", PolicyDocument=ALLOW_GET)
    s3.get_object(Bucket="bucket", Key="key")


def test_nobody_is_let_in_unsigned(prepared: World) -> None:
    assert (
        code(prepared.client("s3", as_="anonymous").get_object, Bucket="bucket", Key="key") == "AccessDenied"
    )
    assert prepared.events()[-1].principal == "anonymous"


def test_what_was_tried_is_told_with_its_reasons(prepared: World) -> None:
    s3 = prepared.client("s3", as_="user/dev")
    s3.get_object(Bucket="bucket", Key="key")
    code(s3.list_objects_v2, Bucket="bucket")
    got, listed = prepared.events()
    assert (got.operation, got.status, got.error) == ("GetObject", 200, None)
    assert (got.checks[0].decision, got.refused) == ("Allowed", False)
    assert "Read" in got.checks[0].reason
    assert (listed.operation, listed.status, listed.error) == ("ListObjectsV2", 403, "AccessDenied")
    assert listed.principal == "arn:aws:iam::123456789012:user/dev"
    assert listed.checks[0].action == "s3:ListBucket"
    assert listed.checks[0].resource == "arn:aws:s3:::bucket"
    assert listed.refused


def test_the_case_behind_a_check_gives_the_same_decision_again(prepared: World) -> None:
    code(prepared.client("s3", as_="user/dev").list_objects_v2, Bucket="bucket")
    check = prepared.events()[-1].checks[0]
    decision = explain(*case_from_json(prepared.case(check.id)))
    assert (decision.outcome.value, decision.reason) == (check.decision, check.reason)
    assert decision.trace


# Beginning, preparing, resetting, ending


def test_preparation_is_not_the_learners_work(prepared: World) -> None:
    assert prepared.events() == ()
    assert "bucket" in [each.id for each in prepared.resources()]


def test_a_reset_comes_back_to_where_preparation_ended(prepared: World) -> None:
    before, keys = prepared.resources(), prepared.credentials("user/dev")
    prepared.client("s3").create_bucket(Bucket="second")
    prepared.client("s3").delete_object(Bucket="bucket", Key="key")
    prepared.reset()
    assert prepared.events() == ()
    assert [each.id for each in prepared.resources()] == [each.id for each in before]
    assert prepared.client("s3").get_object(Bucket="bucket", Key="key")["Body"].read() == b"hello"
    assert prepared.credentials("user/dev") == keys


def test_a_reset_twice_is_as_good_as_once(prepared: World) -> None:
    prepared.reset()
    prepared.reset()
    assert "bucket" in [each.id for each in prepared.resources()]


def test_equal_seeds_make_equal_worlds(nursery: Nursery) -> None:
    def ids(seed: int) -> list[str]:
        with nursery.world(seed=seed, prepare=prepare) as world:
            keys = world.client("iam").create_access_key(UserName="dev")["AccessKey"]
            vpc = world.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
            return [keys["AccessKeyId"], keys["SecretAccessKey"], vpc]

    assert ids(5) == ids(5)
    assert ids(5) != ids(6)


def test_reads_between_do_not_change_the_ids(nursery: Nursery) -> None:
    def vpc(reads: int) -> str:
        with nursery.world(seed=5) as world:
            for _ in range(reads):
                world.client("ec2").describe_vpcs()
            return str(world.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])

    assert vpc(0) == vpc(3)


def test_a_secret_changes_the_keys_of_admin_and_root_and_no_id(nursery: Nursery) -> None:
    with nursery.world(seed=5) as plain, nursery.world(seed=5, secret="s") as other:
        assert plain.credentials("admin") != other.credentials("admin")
        assert plain.credentials("root") != other.credentials("root")
        made = [w.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for w in (plain, other)]
        assert made[0] == made[1]


def test_a_world_of_its_own_process_works_like_a_forked_one_and_can_be_forked(nursery: Nursery) -> None:
    with World.start(seed=3, prepare=prepare) as world:
        assert world.events() == ()
        assert world.client("s3", as_="dev").get_object(Bucket="bucket", Key="key")["Body"].read() == b"hello"
        with world.fork(nursery) as copy:
            copy.client("s3").create_bucket(Bucket="of-the-copy")
        assert [each["Name"] for each in world.client("s3").list_buckets()["Buckets"]] == ["bucket"]
        pid = world.connection.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_world_whose_preparation_fails_is_not_left_behind(nursery: Nursery) -> None:
    begun: list[World] = []

    def fail(world: World) -> None:
        begun.append(World.connect(world.connection))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        nursery.world(prepare=fail)
    with pytest.raises(SandboxError, match="cannot be reached"):
        begun[0].events()


def test_a_running_world_can_be_held_by_another_handle(world: World) -> None:
    connection = Connection.from_json(world.connection.to_json())
    assert connection == world.connection
    with World.connect(connection) as other:
        other.client("s3").create_bucket(Bucket="first")
    assert world.events()[-1].operation == "CreateBucket", "leaving the other handle did not end the world"


def test_a_world_that_has_ended_cannot_be_held(nursery: Nursery) -> None:
    with nursery.world() as world:
        connection = world.connection
    with pytest.raises(SandboxError, match="cannot be reached"):
        World.connect(connection)


def test_a_world_tells_no_secret_when_it_is_printed(world: World) -> None:
    text = repr(world) + repr(world.connection) + repr(world.credentials("root"))
    assert world.credentials("root").secret_access_key not in text
    assert world.connection.control.token not in text


# Clients


def test_clients_see_nothing_of_the_users_own_settings(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n[profile p]\nregion = eu-west-1\n"
    )
    for name, value in {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "AKIAWRONG",
        "AWS_SECRET_ACCESS_KEY": "wrong",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    client = world.client("sts")
    assert client.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/admin"
    assert client.meta.region_name == "us-east-1"


def test_the_same_client_is_given_again(world: World) -> None:
    assert world.client("s3") is world.client("s3")
    assert world.client("s3") is not world.client("s3", region="eu-west-1")
    assert world.client("s3") is not world.client("s3", as_="root")


def test_a_client_of_another_region_speaks_for_that_region(world: World) -> None:
    world.client("ec2", region="eu-west-1").create_vpc(CidrBlock="10.0.0.0/16")
    assert world.events()[-1].region == "eu-west-1"
    assert "10.0.0.0/16" not in [vpc["CidrBlock"] for vpc in world.client("ec2").describe_vpcs()["Vpcs"]]


def test_a_call_that_fails_is_tried_once(world: World) -> None:
    code(world.client("s3").get_object, Bucket="nothing", Key="k")
    assert len(world.events()) == 1


def test_an_environment_is_all_that_a_program_needs(world: World) -> None:
    environment = world.environment()
    keys = world.connection.credentials
    assert environment["AWS_ENDPOINT_URL"] == world.endpoint
    assert environment["AWS_ACCESS_KEY_ID"] == keys.access_key_id
    assert environment["AWS_SECRET_ACCESS_KEY"] == keys.secret_access_key
    assert environment["AWS_DEFAULT_REGION"] == environment["AWS_REGION"] == "us-east-1"
    assert "AWS_SESSION_TOKEN" not in environment
    assert ("NO_PROXY" in environment) == any("proxy" in name.lower() for name in os.environ)


def test_no_proxy_of_the_machine_stands_before_a_world(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "intranet.example")
    environment = world.environment()
    assert environment["no_proxy"] == environment["NO_PROXY"] == "127.0.0.1,intranet.example"
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "arn:aws:iam::123456789012:user/admin", done.stderr
