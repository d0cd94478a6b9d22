"""IAM: users, groups, policies and their documents."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError

from tests.labs.sandbox.houses import ACCOUNT, House, code, policy, statement, trust
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Table,
    client,
    try_refusal,
)

TABLE = Table()
refused = TABLE.refused
READ = policy(statement("s3:GetObject", "*"))


# -- what must be gone first -------------------------------------------------------------------------------


@refused("iam.user-is-bare", "DeleteConflict", "Cannot delete entity, must delete access keys first.")
def user_with_keys(house: House) -> Attempt:
    house.user("ann")
    client(house, "iam").create_access_key(UserName="ann")
    return lambda: client(house, "iam").delete_user(UserName="ann")


@refused("iam.user-is-bare", "DeleteConflict", "must remove users from group first")
def user_of_a_group(house: House) -> Attempt:
    iam = client(house, "iam")
    house.user("ann")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    return lambda: iam.delete_user(UserName="ann")


@refused("iam.user-is-bare", "DeleteConflict", "must delete login profile first")
def user_with_a_password(house: House) -> Attempt:
    iam = client(house, "iam")
    house.user("ann")
    iam.create_login_profile(UserName="ann", Password="Correct-horse-1")
    return lambda: iam.delete_user(UserName="ann")


@refused("iam.user-is-bare", "DeleteConflict", "must delete MFA device first")
def user_with_a_device(house: House) -> Attempt:
    iam = client(house, "iam")
    house.user("ann")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName="ann", SerialNumber=made, **codes)
    return lambda: iam.delete_user(UserName="ann")


def test_a_bare_user_goes_and_takes_nothing_along(house: House) -> None:
    iam = client(house, "iam")
    house.user("ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    iam.delete_user(UserName="ann")


@refused("iam.group-is-bare", "DeleteConflict", "must remove users from group first")
def group_with_users(house: House) -> Attempt:
    iam = client(house, "iam")
    house.user("ann")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    return lambda: iam.delete_group(GroupName="readers")


@refused("iam.group-is-bare", "DeleteConflict", "must detach all policies first")
def group_with_a_managed_policy(house: House) -> Attempt:
    iam = client(house, "iam")
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn=house.managed("read", statement("s3:Get*", "*")))
    return lambda: iam.delete_group(GroupName="readers")


@refused("iam.group-is-bare", "DeleteConflict", "must delete policies first")
def group_with_an_inline_policy(house: House) -> Attempt:
    iam = client(house, "iam")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=READ)
    return lambda: iam.delete_group(GroupName="readers")


@refused("iam.policy-is-free", "DeleteConflict", "Cannot delete a policy attached to entities.")
def policy_of_a_user(house: House) -> Attempt:
    iam, arn = client(house, "iam"), house.managed("read", statement("s3:Get*", "*"))
    house.user("ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    return lambda: iam.delete_policy(PolicyArn=arn)


@refused("iam.policy-is-free", "DeleteConflict", "Cannot delete a policy attached to entities.")
def policy_that_is_a_boundary(house: House) -> Attempt:
    iam, arn = client(house, "iam"), house.managed("fence", statement("s3:Get*", "*"))
    house.user("ann")
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    return lambda: iam.delete_policy(PolicyArn=arn)


@refused("iam.policy-is-free", "DeleteConflict", "This policy has more than one version.")
def policy_with_versions(house: House) -> Attempt:
    iam, arn = client(house, "iam"), house.managed("read", statement("s3:Get*", "*"))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ)
    return lambda: iam.delete_policy(PolicyArn=arn)


# -- how many there may be ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["User", "Group", "Role"])
def test_an_eleventh_policy_is_one_too_many(house: House, kind: str) -> None:
    def prepare(house: House) -> Attempt:
        iam = client(house, "iam")
        if kind == "Role":
            house.role("one", {"Service": "ec2.amazonaws.com"})
        else:
            getattr(iam, f"create_{kind.lower()}")(**{f"{kind}Name": "one"})
        attach = getattr(iam, f"attach_{kind.lower()}_policy")
        arns = [house.managed(f"p{number}", statement("s3:Get*", "*")) for number in range(11)]
        for arn in arns[:10]:
            attach(**{f"{kind}Name": "one"}, PolicyArn=arn)
        attach(**{f"{kind}Name": "one"}, PolicyArn=arns[0])  # it is attached already
        return lambda: attach(**{f"{kind}Name": "one"}, PolicyArn=arns[10])

    words = f"Cannot exceed quota for PoliciesPer{kind}: 10"
    try_refusal(house, Refusal("iam.quota-attached", kind, prepare, "LimitExceeded", words))


@refused("iam.quota-groups", "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
def eleventh_group(house: House) -> Attempt:
    iam = client(house, "iam")
    house.user("ann")
    for number in range(11):
        iam.create_group(GroupName=f"g{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"g{number}", UserName="ann")
    return lambda: iam.add_user_to_group(GroupName="g10", UserName="ann")


# -- how long documents may be -----------------------------------------------------------------------------


def _long(characters: int) -> str:
    """A policy of about so many characters, and as many blanks, which do not count."""
    names = [f"arn:aws:s3:::basket/{number:>040}" for number in range(characters // 63)]
    return policy(statement("s3:GetObject", names)) + " " * characters


@refused("iam.managed-policy-size", "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
def managed_policy_too_long(house: House) -> Attempt:
    return lambda: client(house, "iam").create_policy(PolicyName="long", PolicyDocument=_long(6_400))


@refused("iam.inline-policy-size", "LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ann")
def inline_policies_too_long(house: House) -> Attempt:
    iam = client(house, "iam")
    house.user("ann")
    iam.put_user_policy(UserName="ann", PolicyName="one", PolicyDocument=_long(1_200))
    second = {"UserName": "ann", "PolicyName": "two", "PolicyDocument": _long(1_200)}
    return lambda: iam.put_user_policy(**second)


def test_a_policy_that_replaces_another_is_not_counted_twice(house: House) -> None:
    iam = client(house, "iam")
    house.user("ann")
    for _ in range(2):
        iam.put_user_policy(UserName="ann", PolicyName="one", PolicyDocument=_long(1_700))


@refused("iam.trust-policy-size", "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
def trust_policy_too_long(house: House) -> Attempt:
    long = trust({"AWS": [f"arn:aws:iam::{number:012}:root" for number in range(70)]})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=long)


# -- grammar -----------------------------------------------------------------------------------------------


@refused("iam.policy-grammar", "MalformedPolicyDocument", "Policy document should not specify a principal.")
def principal_in_an_identity_policy(house: House) -> Attempt:
    house.user("ann")
    document = policy(statement("s3:GetObject", "*", Principal="*"))
    wanted = {"UserName": "ann", "PolicyName": "p", "PolicyDocument": document}
    return lambda: client(house, "iam").put_user_policy(**wanted)


@refused("iam.policy-grammar", "MalformedPolicyDocument", "Has prohibited field Resource")
def resource_in_a_trust_policy(house: House) -> Attempt:
    document = policy(statement("sts:AssumeRole", "*", Principal={"AWS": ACCOUNT}))
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@refused("iam.policy-grammar", "MalformedPolicyDocument", "Missing required field Principal")
def trust_in_nobody(house: House) -> Attempt:
    document = policy({"Effect": "Allow", "Action": "sts:AssumeRole"})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@refused("iam.trust-actions", "MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole")
def trust_policy_about_s3(house: House) -> Attempt:
    document = trust({"AWS": ACCOUNT}, action="s3:GetObject")
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


def test_the_event_says_where_in_a_document_the_fault_is(house: House) -> None:
    house.user("ann")
    document = policy(statement("s3:GetObject", "*", Principal="*"))
    put = client(house, "iam").put_user_policy
    assert code(put, UserName="ann", PolicyName="p", PolicyDocument=document) == "MalformedPolicyDocument"
    told = house.last.explanations[0]
    assert told.rule == "iam.policy-grammar"
    assert "Statement[0].Principal" in told.text
    assert told.hint.startswith("Remove Principal")


def _queue(house: House, document: str) -> Attempt:
    sqs = client(house, "sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    return lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})


def _topic(house: House, document: str) -> Attempt:
    sns = client(house, "sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    wanted = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": document}
    return lambda: sns.set_topic_attributes(**wanted)


def _key(house: House, document: str) -> Attempt:
    return lambda: client(house, "kms").create_key(Policy=document)


def _secret(house: House, document: str) -> Attempt:
    secrets = client(house, "secretsmanager")
    arn = secrets.create_secret(Name="door", SecretString="open")["ARN"]
    return lambda: secrets.put_resource_policy(SecretId=arn, ResourcePolicy=document)


def _bucket(house: House, document: str) -> Attempt:
    s3 = client(house, "s3")
    s3.create_bucket(Bucket="basket")
    return lambda: s3.put_bucket_policy(Bucket="basket", Policy=document)


RESOURCES = {
    "queue": (_queue, "InvalidAttributeValue", "Invalid value for the parameter Policy."),
    "topic": (_topic, "InvalidParameter", "Invalid parameter: Policy Error"),
    "key": (_key, "MalformedPolicyDocumentException", "olicy"),
    "secret": (_secret, "MalformedPolicyDocumentException", "This resource policy contains"),
    "bucket": (_bucket, "MalformedPolicy", "in policy"),
}


@pytest.mark.parametrize("kind", RESOURCES)
def test_each_service_refuses_what_is_no_policy_in_its_own_words(house: House, kind: str) -> None:
    attempt, wanted, words = RESOURCES[kind]
    nobody = policy(statement("s3:GetObject", "arn:aws:s3:::basket/*"))
    words = "Missing required field Principal" if kind == "bucket" else words

    def prepare(house: House) -> Attempt:
        return attempt(house, nobody)

    try_refusal(house, Refusal("iam.policy-grammar", kind, prepare, wanted, words))


@pytest.mark.parametrize("kind", RESOURCES)
def test_each_service_refuses_principals_that_are_nobody(house: House, kind: str) -> None:
    attempt, wanted, words = RESOURCES[kind]
    action, resource = ("s3:GetObject", "arn:aws:s3:::basket/*") if kind == "bucket" else ("*", "*")
    ghost = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ghost"}

    def prepare(house: House) -> Attempt:
        return attempt(house, policy(statement(action, resource, Principal=ghost)))

    try_refusal(house, Refusal("iam.policy-principals", kind, prepare, wanted, words))


# -- roles -------------------------------------------------------------------------------------------------


@refused("iam.session-duration", "ValidationError", "Member must have value less than or equal to 43200")
def sessions_of_a_day(house: House) -> Attempt:
    document = trust({"AWS": ACCOUNT})
    create = client(house, "iam").create_role
    return lambda: create(RoleName="app", AssumeRolePolicyDocument=document, MaxSessionDuration=86_400)


@refused("iam.session-duration", "ValidationError", "'43201' at 'maxSessionDuration'")
def sessions_become_too_long(house: House) -> Attempt:
    house.role("app", {"AWS": ACCOUNT}, MaxSessionDuration=43_200)
    return lambda: client(house, "iam").update_role(RoleName="app", MaxSessionDuration=43_201)


# -- principals --------------------------------------------------------------------------------------------


@refused(
    "iam.policy-principals",
    "MalformedPolicyDocument",
    f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:user/ghost"',
)
def trust_in_a_ghost(house: House) -> Attempt:
    document = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ghost"})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@refused("iam.policy-principals", "MalformedPolicyDocument", "user/*")
def trust_in_a_wildcard(house: House) -> Attempt:
    document = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@refused("iam.policy-principals", "MalformedPolicyDocument", '"SERVICE":"ec2"')
def trust_in_half_a_service(house: House) -> Attempt:
    document = trust({"Service": "ec2"})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@refused(
    "iam.policy-principals",
    "MalformedPolicyDocument",
    f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:group/staff"',
)
def trust_in_a_group(house: House) -> Attempt:
    client(house, "iam").create_group(GroupName="staff")
    document = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:group/staff"})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@refused("iam.policy-principals", "MalformedPolicyDocument", '"AWS":"arn:aws:s3:::basket"')
def trust_in_a_bucket(house: House) -> Attempt:
    document = trust({"AWS": "arn:aws:s3:::basket"})
    return lambda: client(house, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=document)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("arn:aws:s3:us-east-1::b/*", "Resource {} can not contain region information."),
        (f"arn:aws:iam:us-east-1:{ACCOUNT}:role/r", "IAM resource {} cannot contain region information."),
    ],
)
def test_iam_saves_no_policy_with_a_region_where_there_is_none(house: House, arn: str, words: str) -> None:
    document = policy(statement("*", arn))
    with pytest.raises(ClientError, match=r"MalformedPolicyDocument.*" + re.escape(words.format(arn))):
        client(house, "iam").create_policy(PolicyName="p", PolicyDocument=document)


def test_those_who_exist_can_be_trusted_and_whoever_may_exist_elsewhere(house: House) -> None:
    ann = house.user("ann", Path="/staff/")
    app = house.role("app", {"Service": "lambda.amazonaws.com"})
    known = client(house, "iam").get_user(UserName="ann")["User"]["UserId"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
    elsewhere = "arn:aws:iam::999988887777:role/partner"
    for number, who in enumerate((ann, app, known, session, elsewhere, ACCOUNT, "*")):
        house.role(f"r{number}", {"AWS": who})


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)
