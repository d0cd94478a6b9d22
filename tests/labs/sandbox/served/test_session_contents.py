"""What a session carries: policies, tags, a source identity.

Source: AWS STS API Reference, "AssumeRole"; IAM User Guide, "Session policies", "Pass session tags in AWS
STS", "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement, trust
from tests.labs.sandbox.served.sts import READ, TAGGING, allowed_buckets, tags

# -- session policies --------------------------------------------------------------------------------


def test_a_session_may_do_what_both_its_role_and_its_policy_allow(house: House) -> None:
    house.client("s3").create_bucket(Bucket="basket")
    role = house.role("app", {"AWS": ACCOUNT}, READ, statement("s3:ListBucket", "*"))
    keys = house.assume("admin", role, Policy=policy(READ, statement("sqs:*", "*")))
    assert allowed_buckets(house, keys)
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
    assert denied(house.client("s3", keys).list_objects_v2, Bucket="basket")[2] == (
        f'User: {who} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::basket" because '
        "no session policy allows the s3:ListBucket action"
    )
    _, _, message = denied(house.client("sqs", keys).list_queues)
    assert message.endswith("because no identity-based policy allows the sqs:listqueues action")


def test_managed_session_policies_add_up_with_the_inline_one(house: House) -> None:
    house.client("s3").create_bucket(Bucket="basket")
    role = house.role("app", {"AWS": ACCOUNT}, statement("*", "*"))
    reading = [
        {"arn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"},
        {"arn": house.managed("own", READ)},
    ]
    keys = house.assume("admin", role, Policy=policy(statement("s3:ListBucket", "*")), PolicyArns=reading)
    assert allowed_buckets(house, keys)
    assert code(house.client("s3", keys).list_objects_v2, Bucket="basket") == ""
    assert code(house.client("sqs", keys).list_queues) == ""
    assert code(house.client("sqs", keys).create_queue, QueueName="q") == "AccessDenied"


def test_a_change_of_a_managed_session_policy_is_obeyed_by_the_next_request(house: House) -> None:
    role = house.role("app", {"AWS": ACCOUNT}, statement("*", "*"))
    arn = house.managed("own", READ)
    keys = house.assume("admin", role, PolicyArns=[{"arn": arn}])
    assert allowed_buckets(house, keys)
    none = policy(statement("sqs:*", "*"))
    house.client("iam").create_policy_version(PolicyArn=arn, PolicyDocument=none, SetAsDefault=True)
    assert not allowed_buckets(house, keys)


def test_a_deny_in_the_only_managed_session_policy_is_named(house: House) -> None:
    role = house.role("app", {"AWS": ACCOUNT}, statement("*", "*"))
    arn = house.managed("no-s3", statement("*", "*"), statement("s3:*", "*", "Deny"))
    keys = house.assume("admin", role, PolicyArns=[{"arn": arn}])
    _, _, message = denied(house.client("s3", keys).list_buckets)
    assert message.endswith(f"with an explicit deny in a session policy: {arn}")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocument"),
        ({"Policy": policy({**READ, "Principal": "*"})}, "MalformedPolicyDocument"),
        ({"Policy": policy(statement("s3:*", "x" * 2048))}, "ValidationError"),
        ({"PolicyArns": [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}]}, "MalformedPolicyDocument"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}] * 11}, "ValidationError"),
        (
            {"Policy": policy(statement("s3:*", f"arn:aws:s3:::{'x' * 1800}")), "Tags": tags(team="y" * 256)},
            "PackedPolicyTooLarge",
        ),
        ({"Tags": tags(**{f"k{number}": "v" for number in range(51)})}, "ValidationError"),
        ({"Tags": tags(team="red", Team="blue")}, "InvalidParameterValue"),
        ({"Tags": tags(team="red"), "TransitiveTagKeys": ["cost"]}, "InvalidParameterValue"),
        ({"RoleSessionName": "a b"}, "ValidationError"),
        ({"SourceIdentity": "a b"}, "ValidationError"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_sts_cannot_take_is_refused(house: House, params: dict[str, Any], expected: str) -> None:
    role = house.role("app", trust({"AWS": ACCOUNT}, action=[*TAGGING, "sts:SetSourceIdentity"]))
    given = {"RoleArn": role, "RoleSessionName": "one", **params}
    assert code(house.client("sts").assume_role, **given) == expected


# -- session tags ------------------------------------------------------------------------------------


def test_session_tags_need_a_permission_of_their_own(house: House) -> None:
    role = house.role("app", {"AWS": ACCOUNT})
    asked = {"RoleArn": role, "RoleSessionName": "one", "Tags": tags(team="red")}
    _, _, message = denied(house.client("sts").assume_role, **asked)
    assert message.endswith("because no role trust policy allows the sts:TagSession action")


def test_a_trust_policy_may_limit_the_tags(house: House) -> None:
    only_red = {
        "StringEquals": {"aws:RequestTag/team": "red"},
        "ForAllValues:StringEquals": {"aws:TagKeys": "team"},
    }
    role = house.role("app", trust({"AWS": ACCOUNT}, action=TAGGING, Condition=only_red))
    sts = house.client("sts")
    seen = [
        code(sts.assume_role, RoleArn=role, RoleSessionName="one", Tags=given)
        for given in (tags(team="red"), tags(team="blue"), tags(team="red", cost="1"))
    ]
    assert seen == ["", "AccessDenied", "AccessDenied"]


def test_a_sessions_tags_go_before_those_of_its_role(house: House) -> None:
    red = statement("s3:*", "*", Condition={"StringEquals": {"aws:PrincipalTag/Team": "red"}})
    role = house.role("app", trust({"AWS": ACCOUNT}, action=TAGGING), red, Tags=tags(team="red"))
    assert allowed_buckets(house, house.assume("admin", role))
    assert not allowed_buckets(house, house.assume("admin", role, Tags=tags(TEAM="blue")))
    assert allowed_buckets(house, house.assume("admin", role, Tags=tags(cost="1")))


def test_only_transitive_tags_go_down_a_chain(house: House) -> None:
    onwards = statement(TAGGING, "*")
    first = house.role("first", trust({"AWS": ACCOUNT}, action=TAGGING), onwards)
    red = statement("s3:*", "*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    second = house.role("second", trust({"AWS": ACCOUNT}, action=TAGGING), red, onwards)
    given = {"Tags": tags(team="red", cost="1")}
    handed_on = house.assume("admin", first, **given, TransitiveTagKeys=["team"])
    kept = house.assume("admin", first, **given)
    assert allowed_buckets(house, house.assume(handed_on, second))
    assert not allowed_buckets(house, house.assume(kept, second))
    # And further down: they stay transitive.
    third = house.role("third", trust({"AWS": ACCOUNT}, action=TAGGING), red)
    assert allowed_buckets(house, house.assume(house.assume(handed_on, second), third))
    sts = house.client("sts", handed_on)
    changed = {"RoleArn": second, "RoleSessionName": "one", "Tags": tags(team="blue")}
    assert denied(sts.assume_role, **changed)[0] == "InvalidParameterValue"


# -- source identity ---------------------------------------------------------------------------------


def test_a_source_identity_needs_a_permission_and_stays(house: House) -> None:
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    plain = house.role("plain", {"AWS": ACCOUNT})
    asked = {"RoleArn": plain, "RoleSessionName": "one", "SourceIdentity": "ann"}
    assert denied(house.client("sts").assume_role, **asked)[2].endswith(
        "because no role trust policy allows the sts:SetSourceIdentity action"
    )
    first = house.role("first", trust({"AWS": ACCOUNT}, action=actions), statement(actions, "*"))
    for_ann = statement("s3:*", "*", Condition={"StringEquals": {"aws:SourceIdentity": "ann"}})
    second = house.role("second", trust({"AWS": ACCOUNT}, action=actions), for_ann)
    sts = house.client("sts")
    made = sts.assume_role(RoleArn=first, RoleSessionName="one", SourceIdentity="ann")
    assert made["SourceIdentity"] == "ann"
    chained = house.client("sts", made["Credentials"])
    further = chained.assume_role(RoleArn=second, RoleSessionName="two")
    assert further["SourceIdentity"] == "ann"
    assert allowed_buckets(house, further["Credentials"])
    assert (
        code(chained.assume_role, RoleArn=second, RoleSessionName="two", SourceIdentity="bob")
        == "AccessDenied"
    )
    # A role that does not let its source identity be set cannot be reached with one.
    assert code(chained.assume_role, RoleArn=plain, RoleSessionName="two") == "AccessDenied"
