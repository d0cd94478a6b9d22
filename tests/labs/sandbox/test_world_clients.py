"""Real clients against a real world: the AWS CLI, s3fs, presigned URLs, and people without rights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

from labs.sandbox import Nursery, World

READ_OBJECTS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}],
}
ADMIN = "arn:aws:iam::123456789012:user/admin"


def prepare(world: World) -> None:
    world.client("s3").create_bucket(Bucket="bucket")
    world.client("s3").put_object(Bucket="bucket", Key="key", Body=b"hello")
    world.client("sqs").create_queue(QueueName="jobs")
    world.client("dynamodb").create_table(
        TableName="jobs",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    world.client("iam").create_user(UserName="reader")
    world.client("iam").put_user_policy(
        UserName="reader", PolicyName="read", PolicyDocument=json.dumps(READ_OBJECTS)
    )
    world.credentials("user/reader")


@pytest.fixture
def house(nursery: Nursery) -> Iterator[World]:
    with nursery.world(seed=21, prepare=prepare) as world:
        yield world


# The AWS CLI


def aws(world: World, *words: str, as_: str = "admin", **more: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("aws", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert program, "the AWS CLI is one of the test extras"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **world.environment(as_), **more}
    return subprocess.run([program, *words], env=environment, capture_output=True, text=True)


def test_the_cli_works_as_the_admin(house: World, tmp_path: Path) -> None:
    assert json.loads(aws(house, "sts", "get-caller-identity").stdout)["Arn"] == ADMIN
    file = tmp_path / "näme with spaces"
    file.write_bytes(os.urandom(9_000_000))  # more than one part
    assert aws(house, "s3", "cp", str(file), "s3://bucket/folder/").returncode == 0
    back = tmp_path / "back"
    assert aws(house, "s3", "cp", "s3://bucket/folder/näme with spaces", str(back)).returncode == 0
    assert back.read_bytes() == file.read_bytes()
    assert "näme with spaces" in aws(house, "s3", "ls", "s3://bucket/folder/").stdout
    # Version 1 of the CLI has names of its own for the endpoints of SQS and RDS, unless told otherwise.
    queues = aws(house, "sqs", "list-queues", "--endpoint-url", house.endpoint).stdout
    assert json.loads(queues)["QueueUrls"][0].endswith("/123456789012/jobs")
    url = aws(house, "s3", "presign", "s3://bucket/key").stdout.strip()
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"hello"


def test_the_cli_is_refused_what_the_policy_does_not_allow(house: World) -> None:
    got = aws(house, "s3", "cp", "s3://bucket/key", "-", as_="user/reader")
    assert got.stdout == "hello"
    listed = aws(house, "s3api", "list-objects-v2", "--bucket", "bucket", as_="user/reader")
    assert listed.returncode != 0
    assert "(AccessDenied)" in listed.stderr
    assert (
        "User: arn:aws:iam::123456789012:user/reader is not authorized to perform: s3:ListBucket on "
        'resource: "arn:aws:s3:::bucket" because no identity-based policy allows the s3:ListBucket action'
    ) in listed.stderr
    event = house.events()[-1]
    assert (event.operation, event.error, event.refused) == ("ListObjectsV2", "AccessDenied", True)


def test_the_cli_on_an_instance_finds_its_role(house: World) -> None:
    iam, ec2 = house.client("iam"), house.client("ec2")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="app", PolicyName="read", PolicyDocument=json.dumps(READ_OBJECTS))
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    instance = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": "app"},
    )["Instances"][0]["InstanceId"]
    program = shutil.which("aws", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert program
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **house.instance_environment(instance)}
    done = subprocess.run(
        [program, "s3", "cp", "s3://bucket/key", "-"], env=environment, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("hello", "")
    assert house.events()[-1].on_instance == instance


# s3fs


def test_s3fs_reads_writes_and_is_refused(house: World) -> None:
    import s3fs

    def files(as_: str) -> Any:
        keys = house.credentials(as_)
        return s3fs.S3FileSystem(
            key=keys.access_key_id,
            secret=keys.secret_access_key,
            endpoint_url=house.endpoint,
            client_kwargs={"region_name": house.region},
            skip_instance_cache=True,
        )

    admin = files("admin")
    data = os.urandom(12_000_000)
    with admin.open("bucket/big", "wb") as file:
        file.write(data)
    assert admin.cat("bucket/big") == data
    assert sorted(admin.ls("bucket")) == ["bucket/big", "bucket/key"]
    admin.rm("bucket/big")
    assert not admin.exists("bucket/big")
    reader = files("user/reader")
    assert reader.cat_file("bucket/key") == b"hello"
    with pytest.raises(PermissionError):
        reader.ls("bucket")


# Presigned URLs


@pytest.mark.parametrize("version", [None, "s3v4"], ids=["as boto3 has it", "version 4"])
def test_a_presigned_url_does_what_its_signer_may_and_nothing_else(house: World, version: str | None) -> None:
    config = Config(signature_version=version) if version else None
    signer = house.session("user/reader").client("s3", config=config)
    good = signer.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "key"}, ExpiresIn=60)
    with urllib.request.urlopen(good) as answer:
        assert answer.read() == b"hello"
    for bad in (
        signer.generate_presigned_url("list_objects_v2", {"Bucket": "bucket"}, ExpiresIn=60),
        good.replace("/key?", "/other?"),
        good.replace("Signature=", "Signature=0"),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(bad)
        assert refused.value.code == 403
        refused.value.close()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(good, method="DELETE"))
    assert refused.value.code == 403
    refused.value.close()


# Credentials that are not good, on five services

CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "s3": ("list_buckets", {}),
    "sts": ("get_caller_identity", {}),
    "ec2": ("describe_vpcs", {}),
    "dynamodb": ("list_tables", {}),
    "sqs": ("list_queues", {}),
}
CODES = {
    "wrong secret": {
        "s3": "SignatureDoesNotMatch",
        "sts": "SignatureDoesNotMatch",
        "ec2": "AuthFailure",
        "dynamodb": "InvalidSignatureException",
        "sqs": "SignatureDoesNotMatch",
    },
    "unknown key": {
        "s3": "InvalidAccessKeyId",
        "sts": "InvalidClientTokenId",
        "ec2": "AuthFailure",
        "dynamodb": "UnrecognizedClientException",
        "sqs": "InvalidClientTokenId",
    },
}
CODES["deleted key"] = CODES["inactive key"] = CODES["unknown key"]


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("fault", CODES)
def test_bad_credentials_get_the_code_of_the_service(house: World, fault: str, service: str) -> None:
    iam = house.client("iam")
    iam.attach_user_policy(UserName="reader", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    keys = house.credentials("user/reader")
    key, secret = keys.access_key_id, keys.secret_access_key
    match fault:
        case "wrong secret":
            secret = secret[:-1] + ("a" if secret[-1] != "a" else "b")
        case "unknown key":
            key = "AKIAAAAAAAAAAAAAAAAA"
        case "deleted key":
            iam.delete_access_key(UserName="reader", AccessKeyId=key)
        case "inactive key":
            iam.update_access_key(UserName="reader", AccessKeyId=key, Status="Inactive")
    client = boto3.client(
        service,
        endpoint_url=house.endpoint,
        region_name=house.region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
    operation, params = CALLS[service]
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**params)
    assert refused.value.response["Error"]["Code"] == CODES[fault][service]
    event = house.events()[-1]
    assert (event.service, event.error) == (service, CODES[fault][service])


# Ways around the gate


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/moto-api/",
        "/moto-api/reset",
        "/moto-api/data.json",
        "/moto-api/seed?a=1",
        "/moto-api/state-manager/get-transition",
        "/moto-api/recorder/start-recording",
        "/moto-api/config",
        "/latest/meta-data/iam/security-credentials/default-role",
        "/latest/api/token",
        "/iam_us-east-1/?Action=ListUsers",
        "/sts_us-east-1/",
        "/favicon.ico",
        "//moto-api/reset",
        "/./moto-api/reset",
        "/%6doto-api/reset",
    ],
)
def test_no_path_leads_around_the_gate(house: World, method: str, path: str) -> None:
    place = urlsplit(house.endpoint)
    request = urllib.request.Request(
        f"http://{place.netloc}{path}", method=method, data=b"" if method != "GET" else None
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code in (400, 403, 404, 405, 412, 501)
    assert b"moto" not in refused.value.read().replace(b"moto-api", b"")
    refused.value.close()
    assert [each.id for each in house.resources() if each.kind == "bucket"] == ["bucket"]
    assert house.events()[-1].status == refused.value.code


def test_a_header_of_motos_does_not_move_a_caller_into_another_account(house: World) -> None:
    s3 = house.session("user/reader").client("s3")

    def add(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = "999999999999"

    s3.meta.events.register("before-sign", add)
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"hello"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket="bucket")


def test_a_reader_cannot_give_rights_to_anybody(house: World) -> None:
    iam = house.client("iam", as_="user/reader")
    for operation, params in {
        "attach_user_policy": {
            "UserName": "reader",
            "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        },
        "create_access_key": {"UserName": "admin"},
        "put_user_policy": {
            "UserName": "reader",
            "PolicyName": "p",
            "PolicyDocument": json.dumps(READ_OBJECTS),
        },
        "create_user": {"UserName": "friend"},
    }.items():
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(iam, operation)(**params)
