"""What moto does once in place of each time gives what it gave."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from labs.sandbox import moto_setup
from labs.sandbox.carrier import Carrier
from labs.sandbox.live import live
from labs.sandbox.moto_ids import drawing_from
from labs.sandbox.values import ACCOUNT

DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08", "sns": "2010-03-31", "rds": "2014-10-31"}
MADE = (
    (
        "iam",
        {"Action": "CreateUser", "UserName": "ann", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"},
    ),
    ("iam", {"Action": "CreateGroup", "GroupName": "crew"}),
    ("iam", {"Action": "CreateRole", "RoleName": "reader", "AssumeRolePolicyDocument": DOCUMENT}),
    ("iam", {"Action": "CreatePolicy", "PolicyName": "own", "PolicyDocument": DOCUMENT}),
    ("iam", {"Action": "PutRolePolicy", "RoleName": "reader", "PolicyName": "p", "PolicyDocument": DOCUMENT}),
    ("iam", {"Action": "CreateInstanceProfile", "InstanceProfileName": "reader"}),
    ("iam", {"Action": "AddRoleToInstanceProfile", "InstanceProfileName": "reader", "RoleName": "reader"}),
    ("ec2", {"Action": "CreateVpc", "CidrBlock": "10.0.0.0/16"}),
    ("ec2", {"Action": "CreateVolume", "AvailabilityZone": "us-east-1a", "Size": "8"}),
    ("sns", {"Action": "CreateTopic", "Name": "news"}),
)
ASKED = (
    ("ec2", {"Action": "DescribeInstances"}),
    ("ec2", {"Action": "DescribeImages", "Owner.1": "amazon"}),
    ("ec2", {"Action": "DescribeVpcs"}),
    ("ec2", {"Action": "DescribeVolumes"}),
    ("ec2", {"Action": "DescribeSecurityGroups"}),
    ("ec2", {"Action": "DescribeNetworkInterfaces"}),
    ("ec2", {"Action": "DescribeInstances", "InstanceId.1": "i-00000000000000000"}),
    ("iam", {"Action": "GetUser", "UserName": "ann"}),
    ("iam", {"Action": "GetUser", "UserName": "bob"}),
    ("iam", {"Action": "GetRole", "RoleName": "reader"}),
    ("iam", {"Action": "GetRolePolicy", "RoleName": "reader", "PolicyName": "p"}),
    ("iam", {"Action": "GetInstanceProfile", "InstanceProfileName": "reader"}),
    ("iam", {"Action": "ListGroups"}),
    ("iam", {"Action": "GetAccountAuthorizationDetails", "Filter.member.1": "Role"}),
    ("sns", {"Action": "ListTopics"}),
    ("rds", {"Action": "DescribeDBInstances"}),
)


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    moto_setup.reset_state(0)
    carrier = Carrier(moto_setup.dispatcher())
    for service, fields in MADE:
        assert tell(carrier, service, fields).startswith(b"200"), fields
    images = tell(carrier, "ec2", {"Action": "DescribeImages"})
    image = images.partition(b"<imageId>")[2].partition(b"<")[0].decode()
    launch = {"Action": "RunInstances", "ImageId": image, "MinCount": "1", "MaxCount": "1"}
    assert tell(carrier, "ec2", launch).startswith(b"200")
    yield carrier
    moto_setup.reset_state(0)


def tell(carrier: Carrier, service: str, fields: dict[str, str]) -> bytes:
    """What moto answers: its status and the document."""
    body = urlencode({"Version": VERSIONS[service], **fields}).encode()
    scope = f"20260101/us-east-1/{service}/aws4_request"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "RAW_URI": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=AKIA/{scope}, SignedHeaders=host, Signature=0",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }
    answer = carrier._answered(carrier._application(environ), environ)
    return b"%d %s" % (answer.status, answer.body)


@pytest.mark.parametrize(
    ("service", "fields"), ASKED, ids=lambda each: each if isinstance(each, str) else each["Action"]
)
def test_documents_hold_what_moto_finds_by_itself(
    service: str, fields: dict[str, str], carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.core.serialize import ResponseSerializer

    quick = [tell(carrier, service, fields) for _ in range(2)]
    monkeypatch.setattr(ResponseSerializer, "get_value", ResponseSerializer.get_value.__wrapped__)
    assert quick == [tell(carrier, service, fields)] * 2


def test_a_path_that_ends_within_a_name_is_looked_at_each_time() -> None:
    from moto.core.serialize import XFormedAttributePicker

    from labs.sandbox.quick_moto import _may_be_changed

    within = XFormedAttributePicker(response_transformers={"Properties": str})
    assert _may_be_changed(within, "OtherProperties")
    whole = XFormedAttributePicker(response_transformers={"Image.CreationDate": str})
    assert _may_be_changed(whole, "CreationDate")
    assert not _may_be_changed(whole, "Date")


@pytest.mark.parametrize(
    "kinds", [[], ["Role"], ["LocalManagedPolicy", "User", "Group"], ["AWSManagedPolicy"]]
)
def test_an_account_is_described_as_moto_describes_it(kinds: list[str], carrier: Carrier) -> None:
    from moto.iam.models import IAMBackend

    backend = live("iam", ACCOUNT)
    told = IAMBackend.get_account_authorization_details(backend, list(kinds))
    usual = IAMBackend.get_account_authorization_details.__wrapped__(backend, list(kinds))
    assert {name: list(of) for name, of in told.items()} == {name: list(of) for name, of in usual.items()}
    assert "LocalManagedPolicy" not in kinds or [each.name for each in told["managed_policies"]] == ["own"]


@pytest.mark.parametrize("size", [1, 8, 17, 40])
def test_an_id_has_the_letters_that_moto_would_choose(size: int) -> None:
    from moto.ec2 import utils

    ours, theirs = Random("seed"), Random("seed")
    with drawing_from(ours):
        made = utils.random_resource_id(size)
    assert made == "".join(theirs.choice(utils.HEX_CHARS) for _ in range(size))
    assert ours.getstate() == theirs.getstate(), "whatever is drawn next is the same too"


def test_a_choice_takes_the_bits_that_it_took() -> None:
    from moto.moto_api._internal import mock_random

    with drawing_from(Random("seed")):
        several = mock_random.choices("abcdef", k=40)
    with drawing_from(Random("seed")):
        assert several == ["abcdef"[int(mock_random.random() * 6)] for _ in range(40)]
    with drawing_from(Random("seed")):
        ours = [mock_random.choice(range(size)) for size in range(1, 50)]
    with drawing_from(Random("seed")):
        theirs = [mock_random._randbelow(size) for size in range(1, 50)]
    assert ours == theirs
