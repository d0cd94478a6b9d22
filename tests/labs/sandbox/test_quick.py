"""What is remembered between worlds and boxes changes how long things take, and nothing else."""

from __future__ import annotations

import http.client
import io
import json
import os
import subprocess
import sys
from email.policy import compat32
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.sandbox import Nursery
from labs.sandbox.quick_http import header_fetch_parse, parse_headers

thorough = http.client.parse_headers


def read(data: bytes, parse: Any) -> tuple[Any, ...]:
    """All that a reader of headers can see, and how much of the stream was taken."""
    stream = io.BytesIO(data)
    message = parse(stream)
    defects = [type(defect) for defect in message.defects]
    return message.items(), message.get_all("a"), defects, message.get_payload(), stream.tell()


@pytest.mark.parametrize(
    "data",
    [
        b"Host: 127.0.0.1:1\r\nX-Empty:\r\nX-Tab:\tvalue \t\r\nAuthorization: AWS4 a=b, c\r\n\r\nbody",
        b"A: 1\nB:2\n\n",
        b"A: 1\r\nA: 2\r\n\r\n",
        b"A: folded\r\n  line\r\n\r\n",
        b"A name: 1\r\n\r\n",
        b"A: 1\rB: 2\r\n\r\n",
        b": nameless\r\n\r\n",
        b"no colon\r\nA: 1\r\n\r\n",
        b"From me\r\nA: 1\r\n\r\n",
        b"A: \xe9\xff\x0b\x1c\x85\r\n\r\n",
        b"A: cut off",
        b"\r\n",
        b"",
    ],
)
def test_headers_are_read_as_the_standard_library_reads_them(data: bytes) -> None:
    assert read(data, parse_headers) == read(data, thorough)


LINES = st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"")) | st.sampled_from(
    [b"a: 1", b"a:2 ", b" folded", b"Content-Length: 5", b"a b: 1", b"a\x0b: 1", b"a: \x85"]
)


@given(st.lists(LINES, max_size=6), st.sampled_from([b"\r\n", b"\n"]))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_whatever_the_lines_are(lines: list[bytes], end: bytes) -> None:
    data = end.join([*lines, b"", b""])
    assert read(data, parse_headers) == read(data, thorough)


@pytest.mark.parametrize("value", ["plain", "", "tab\t", "é", "\udcff", "a\udc80b", b"bytes", 5, None])
def test_a_value_is_given_as_the_standard_library_gives_it(value: Any) -> None:
    ours = header_fetch_parse(compat32, "Name", value)
    assert type(ours) is type(compat32.header_fetch_parse("Name", value))
    assert str(ours) == str(compat32.header_fetch_parse("Name", value))


def test_too_many_headers_are_refused_as_ever() -> None:
    with pytest.raises(http.client.HTTPException):
        parse_headers(io.BytesIO(b"a: 1\r\n" * 200 + b"\r\n"))


PROGRAM = """
import json, sys
if sys.argv[1] == "quick":
    from labs.sandbox import quick_clients
    quick_clients.quicken()
    quick_clients.quicken()
import boto3
seen = []

class Caught(Exception):
    pass

def catch(request, **_):
    names = ("Authorization", "X-Amz-Date", "amz-sdk-invocation-id", "amz-sdk-request")
    headers = {k: v if isinstance(v, str) else v.decode() for k, v in request.headers.items()}
    key = headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
    kept = {k: v for k, v in headers.items() if k not in names}
    body = request.body.read().decode() if hasattr(request.body, "read") else str(request.body)
    seen.append([request.method, request.url, kept, body, key])
    raise Caught

def add_own(class_attributes, **_):
    class_attributes["own"] = 1

def call(client, operation, **parameters):
    client.meta.events.register("before-send", catch)
    try:
        getattr(client, operation)(**parameters)
    except Caught:
        pass

for key, port in (("AKIAONE", 1), ("AKIATWO", 2)):
    session = boto3.Session(key, "secret", region_name="us-east-1")
    made = lambda service: session.client(service, endpoint_url=f"http://127.0.0.1:{port}")
    call(made("s3"), "put_object", Bucket="b", Key="k/ü", Body=b"x", Tagging="a=b")
    call(made("s3"), "list_objects_v2", Bucket="b", Prefix="p")
    call(made("iam"), "create_user", UserName="u", Tags=[{"Key": "k", "Value": "v"}])
    call(made("ec2"), "describe_instances", Filters=[{"Name": "n", "Values": ["v"]}])
    call(made("dynamodb"), "put_item", TableName="t", Item={"a": {"N": "1"}})
    call(made("sqs"), "send_message", QueueUrl=f"http://127.0.0.1:{port}/1/q", MessageBody="m")
    call(session.client("s3", region_name="eu-west-1"), "get_object", Bucket="b", Key="k")
    seen.append(sorted(name for name in dir(made("s3")) if not name.startswith("_")))
    seen.append(made("ec2").get_waiter("instance_running").name)
session.events.register("creating-client-class.iam", add_own)
other = boto3.Session("AKIA", "secret", region_name="us-east-1")
seen.append([hasattr(each.client("iam"), "own") for each in (session, other)])
from botocore import parsers, utils
for text in json.loads(sys.argv[2]):
    for parse in (utils.parse_timestamp, parsers.DEFAULT_TIMESTAMP_PARSER, utils.parse_to_aware_datetime):
        try:
            time = parse(text)
            seen.append([repr(time), time.isoformat(), repr(time.tzinfo)])
        except Exception as refused:
            seen.append([type(refused).__name__, str(refused)])
print(json.dumps(seen))
"""


TIMES = [
    "2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00.5Z",
    "2026-01-31T12:00:00.123456Z",
    "2026-01-31T12:00:00.1234567Z",
    "2026-01-31T12:00:00+01:00",
    "2026-01-31T12:00:00",
    "2026-02-30T12:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:00:60Z",
    "2026-01-31",
    "0000-01-01T00:00:00Z",
    "Sat, 31 Jan 2026 12:00:00 GMT",
    "1769860800",
    "1769860800.25",
    "٢٠٢٦-01-31T12:00:00Z",
    "",
    "soon",
]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_clients_send_and_read_the_same_when_botocore_remembers(zone: str) -> None:
    def sent(how: str) -> Any:
        command = [sys.executable, "-c", PROGRAM, how, json.dumps(TIMES)]
        ordered = {
            **os.environ,
            "PYTHONHASHSEED": "0",
        }  # the features in the user agent stand in a set's order
        return json.loads(
            subprocess.run(command, capture_output=True, text=True, check=True, env=ordered).stdout
        )

    assert sent("quick") == sent("plain")


KEYS = """
import json, os, sys
if sys.argv[1] == "quick":
    from labs.sandbox import quick_clients
    quick_clients.quicken()
import boto3, botocore.session
from botocore.credentials import EnvProvider
folder = sys.argv[2]
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull,
                  AWS_SHARED_CREDENTIALS_FILE=os.path.join(folder, "credentials"))
seen = []

def found(session):
    keys = session.get_credentials()
    seen.append(keys and [keys.method, keys.access_key, keys.secret_key, keys.token])

def chain(session):
    return session.get_component("credential_provider")

own = dict(AWS_ACCESS_KEY_ID="AKIAENV", AWS_SECRET_ACCESS_KEY="env", AWS_SESSION_TOKEN="token")
for settings in ({}, own, {**own, "AWS_PROFILE": "other"}, {"AWS_PROFILE": "other"}):
    os.environ.update(settings)
    found(botocore.session.Session())
    found(botocore.session.Session(profile="other"))
    found(boto3.Session())
    found(boto3.Session("AKIAGIVEN", "given"))
    found(boto3.Session(profile_name="other"))
    session = botocore.session.Session()
    chain(session).remove("env")
    found(session)
    seen.append([each.METHOD for each in chain(session).providers])
    session = botocore.session.Session()
    chain(session).insert_after("shared-credentials-file", EnvProvider({}))
    found(session)
    seen.append([each.METHOD for each in chain(session).providers])
    for name in settings:
        del os.environ[name]
late = botocore.session.Session()
chain(late)
os.environ.update(own)
found(late)
print(json.dumps(seen))
"""
FILE = """[default]
aws_access_key_id = AKIAFILE
aws_secret_access_key = file
[other]
aws_access_key_id = AKIAOTHER
aws_secret_access_key = other
"""


def test_keys_are_found_where_botocore_finds_them(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(FILE)

    def found(how: str) -> Any:
        command = [sys.executable, "-c", KEYS, how, str(tmp_path)]
        alone = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return json.loads(
            subprocess.run(command, capture_output=True, text=True, check=True, env=alone).stdout
        )

    assert found("quick") == found("plain")


POLICY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}"""


def test_policies_are_attached_and_detached_with_awss_own_answers(nursery: Nursery) -> None:
    with nursery.world(seed=1) as world:
        iam = world.client("iam")
        iam.create_user(UserName="dev")
        mine = iam.create_policy(PolicyName="mine", PolicyDocument=POLICY)["Policy"]["Arn"]
        theirs = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        for arn in (mine, theirs):
            iam.attach_user_policy(UserName="dev", PolicyArn=arn)
        attached = iam.list_attached_user_policies(UserName="dev")["AttachedPolicies"]
        assert {each["PolicyArn"] for each in attached} == {mine, theirs}
        iam.detach_user_policy(UserName="dev", PolicyArn=theirs)
        for change in (iam.attach_user_policy, iam.detach_user_policy):
            with pytest.raises(ClientError) as refused:
                change(UserName="dev", PolicyArn=f"{mine}-not")
            assert refused.value.response["Error"]["Code"] == "NoSuchEntity"
        with pytest.raises(ClientError):
            iam.detach_user_policy(UserName="dev", PolicyArn=theirs)
        attached = iam.list_attached_user_policies(UserName="dev")["AttachedPolicies"]
        assert [each["PolicyArn"] for each in attached] == [mine]
