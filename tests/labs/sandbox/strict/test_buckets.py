"""S3 buckets."""

from __future__ import annotations

from typing import Any

import pytest

from labs.sandbox import World
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired
PUBLIC = statement("s3:GetObject", "arn:aws:s3:::basket/*", Principal="*")


def _bucket(house: House, name: str = "basket", **options: Any) -> Any:
    s3 = client(house, "s3")
    s3.create_bucket(Bucket=name, **options)
    return s3


# -- names and Regions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Basket", "my_basket", "192.168.1.1", "bas..ket", "basket-", "xn--basket"])
def test_a_name_is_one_of_a_host(house: House, name: str) -> None:
    def prepare(house: House) -> Attempt:
        return lambda: client(house, "s3").create_bucket(Bucket=name)

    words = "The specified bucket is not valid."
    try_refusal(house, Refusal("s3.bucket-name", name, prepare, "InvalidBucketName", words))


@refused("s3.bucket-name", "InvalidBucketName", "The specified bucket is not valid.")
def bucket_with_capitals(house: House) -> Attempt:
    return lambda: client(house, "s3").create_bucket(Bucket="Basket")


def _stay(context: Any, **_: Any) -> None:
    """Have boto3 believe that it has followed a redirection, so that it follows none."""
    context["s3_redirect"]["redirected"] = True


@refused("s3.bucket-region", "PermanentRedirect", "must be addressed using the specified endpoint")
def bucket_elsewhere(house: House) -> Attempt:
    there = client(house, "s3", region="eu-west-1")
    there.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    here = house.client("s3")
    here.meta.events.register_last("before-parameter-build.s3", _stay)
    return lambda: here.list_objects_v2(Bucket="far")


def test_boto3_finds_a_bucket_elsewhere_by_itself(world: World) -> None:
    there = world.client("s3", region="eu-west-1")
    there.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    there.put_object(Bucket="far", Key="k", Body=b"v")
    assert world.client("s3").get_object(Bucket="far", Key="k")["Body"].read() == b"v"
    statuses = [event.status for event in world.events() if event.operation == "GetObject"]
    assert statuses == [301, 200]
    assert world.client("s3").get_bucket_location(Bucket="far")["LocationConstraint"] == "eu-west-1"


# -- access control lists ----------------------------------------------------------------------------------


@refused("s3.acls-off", "AccessControlListNotSupported", "The bucket does not allow ACLs")
def public_acl_of_a_bucket(house: House) -> Attempt:
    s3 = _bucket(house)
    s3.delete_public_access_block(Bucket="basket")
    return lambda: s3.put_bucket_acl(Bucket="basket", ACL="public-read")


@refused("s3.acls-off", "AccessControlListNotSupported", "The bucket does not allow ACLs")
def private_acl_of_an_object(house: House) -> Attempt:
    s3 = _bucket(house)
    return lambda: s3.put_object(Bucket="basket", Key="k", Body=b"v", ACL="private")


def test_an_object_for_the_owner_of_the_bucket_is_taken(house: House) -> None:
    _bucket(house).put_object(Bucket="basket", Key="k", Body=b"v", ACL="bucket-owner-full-control")


@refused("s3.new-bucket-acl", "InvalidBucketAclWithObjectOwnership", "BucketOwnerEnforced setting")
def new_bucket_with_a_public_acl(house: House) -> Attempt:
    return lambda: client(house, "s3").create_bucket(Bucket="basket", ACL="public-read")


@refused(
    "s3.public-acl-blocked", "AccessDenied", "are blocked by the BlockPublicAcls block public access setting"
)
def public_acl_that_is_blocked(house: House) -> Attempt:
    s3 = _bucket(house, ObjectOwnership="ObjectWriter")
    return lambda: s3.put_object(Bucket="basket", Key="k", Body=b"v", ACL="public-read")


def test_with_other_ownership_and_nothing_blocked_an_acl_can_be_set(house: House) -> None:
    s3 = _bucket(house, ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket="basket", Key="k", Body=b"v", ACL="private")
    s3.delete_public_access_block(Bucket="basket")
    s3.put_object_acl(Bucket="basket", Key="k", ACL="public-read")


# -- policies ----------------------------------------------------------------------------------------------


def _policy(house: House, *statements: Any) -> Attempt:
    s3 = _bucket(house)
    return lambda: s3.put_bucket_policy(Bucket="basket", Policy=policy(*statements))


@refused("s3.bucket-policy", "MalformedPolicy", "Policy has invalid resource")
def policy_about_another_bucket(house: House) -> Attempt:
    return _policy(house, statement("s3:GetObject", "arn:aws:s3:::shelf/*", Principal={"AWS": ACCOUNT}))


@refused("s3.bucket-policy", "MalformedPolicy", "Policy has invalid resource")
def policy_about_a_bucket_in_a_region(house: House) -> Attempt:
    arn = "arn:aws:s3:us-east-1::basket/*"
    return _policy(house, statement("s3:GetObject", arn, Principal={"AWS": ACCOUNT}))


@refused("s3.bucket-policy", "MalformedPolicy", "Policy has invalid resource")
def policy_about_a_queue(house: House) -> Attempt:
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
    return _policy(house, statement("s3:GetObject", arn, Principal={"AWS": ACCOUNT}))


@refused("s3.bucket-policy", "MalformedPolicy", "Policy has invalid action")
def policy_about_another_service(house: House) -> Attempt:
    return _policy(house, statement("ec2:RunInstances", "arn:aws:s3:::basket/*", Principal={"AWS": ACCOUNT}))


@refused("s3.bucket-policy", "MalformedPolicy", "Policy has invalid action")
def policy_about_a_misspelt_action(house: House) -> Attempt:
    return _policy(house, statement("s3:GetObjct", "arn:aws:s3:::basket/*", Principal={"AWS": ACCOUNT}))


@refused("s3.bucket-policy", "MalformedPolicy", "Action does not apply to any resource(s) in statement")
def bucket_action_on_objects(house: House) -> Attempt:
    actions = ["s3:ListBucket", "s3:GetObject"]
    return _policy(house, statement(actions, "arn:aws:s3:::basket/*", Principal={"AWS": ACCOUNT}))


@refused(
    "s3.public-policy-blocked",
    "AccessDenied",
    'is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::basket" because public '
    "policies are blocked by the BlockPublicPolicy block public access setting.",
)
def public_policy(house: House) -> Attempt:
    return _policy(house, PUBLIC)


def test_a_policy_for_an_organization_is_not_public(house: House) -> None:
    bound = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    _policy(house, {**PUBLIC, "Condition": bound})()


def test_whoever_takes_the_block_off_can_open_a_bucket_and_close_it_again(house: House) -> None:
    s3 = _bucket(house)
    s3.put_object(Bucket="basket", Key="k", Body=b"v")
    s3.delete_public_access_block(Bucket="basket")
    s3.put_bucket_policy(Bucket="basket", Policy=policy(PUBLIC))
    stranger = house.client("s3", None)
    assert stranger.get_object(Bucket="basket", Key="k")["Body"].read() == b"v"
    s3.put_public_access_block(
        Bucket="basket", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    assert denied(stranger.get_object, Bucket="basket", Key="k")[:2] == ("AccessDenied", 403)
    assert s3.get_object(Bucket="basket", Key="k")["Body"].read() == b"v"


@refused("s3.public-bucket-restricted", "AccessDenied", "Access Denied")
def stranger_at_a_restricted_bucket(house: House) -> Attempt:
    s3 = _bucket(house)
    s3.put_object(Bucket="basket", Key="k", Body=b"v")
    s3.delete_public_access_block(Bucket="basket")
    s3.put_bucket_policy(Bucket="basket", Policy=policy(PUBLIC))
    restricted = {"RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket="basket", PublicAccessBlockConfiguration=restricted)
    stranger = house.client("s3", None)
    return lambda: stranger.get_object(Bucket="basket", Key="k")


@repaired("s3.policy-status", aws=True, moto=False)
def status_of_a_policy_with_a_wide_condition(house: House) -> Any:
    bound = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
    s3 = _bucket(house)
    s3.delete_public_access_block(Bucket="basket")
    s3.put_bucket_policy(Bucket="basket", Policy=policy({**PUBLIC, "Condition": bound}))
    return s3.get_bucket_policy_status(Bucket="basket")["PolicyStatus"]["IsPublic"]


# -- what a bucket begins with -----------------------------------------------------------------------------


@repaired("s3.new-bucket-blocked", aws={True}, moto="NoSuchPublicAccessBlockConfiguration")
def block_of_a_new_bucket(house: House) -> Any:
    s3 = _bucket(house)
    if fault := code(s3.get_public_access_block, Bucket="basket"):
        return fault
    return set(s3.get_public_access_block(Bucket="basket")["PublicAccessBlockConfiguration"].values())


@repaired("s3.new-bucket-without-acls", aws="BucketOwnerEnforced", moto="OwnershipControlsNotFoundError")
def ownership_of_a_new_bucket(house: House) -> Any:
    s3 = _bucket(house)
    if fault := code(s3.get_bucket_ownership_controls, Bucket="basket"):
        return fault
    return s3.get_bucket_ownership_controls(Bucket="basket")["OwnershipControls"]["Rules"][0][
        "ObjectOwnership"
    ]


@repaired("s3.new-bucket-encrypted", aws=("AES256", "AES256"), moto=(None, None))
def encryption_of_a_new_bucket(house: House) -> Any:
    s3 = _bucket(house)
    s3.delete_bucket_encryption(Bucket="basket")
    answer = s3.put_object(Bucket="basket", Key="k", Body=b"v")
    if code(s3.get_bucket_encryption, Bucket="basket"):
        return None, answer.get("ServerSideEncryption")
    found = s3.get_bucket_encryption(Bucket="basket")["ServerSideEncryptionConfiguration"]["Rules"][0]
    algorithm = found["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    return algorithm, answer.get("ServerSideEncryption")


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
