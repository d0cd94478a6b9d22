"""Permissions boundaries of users and roles, through boto3.

Source: IAM User Guide, "Permissions boundaries for IAM entities"; IAM API Reference,
"PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary", "CreateUser", "GetUser".
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement

LIST, QUEUES = statement("s3:ListAllMyBuckets", "*"), statement("sqs:ListQueues", "*")


@pytest.fixture
def fence(house: House) -> str:
    return house.managed("fence", LIST, statement("iam:*", "*"))


def test_a_user_may_do_what_both_policy_and_boundary_allow(house: House, fence: str) -> None:
    arn = house.user("ann", LIST, QUEUES, PermissionsBoundary=fence)
    assert code(house.client("s3", "ann").list_buckets) == ""
    _, _, message = denied(house.client("sqs", "ann").list_queues)
    assert message == (
        f"User: {arn} is not authorized to perform: sqs:listqueues on resource: "
        f"arn:aws:sqs:us-east-1:{ACCOUNT}: because no permissions boundary allows the sqs:listqueues action"
    )


def test_a_boundary_by_itself_allows_nothing(house: House, fence: str) -> None:
    house.user("ann", PermissionsBoundary=fence)
    _, _, message = denied(house.client("s3", "ann").list_buckets)
    assert message.endswith("because no identity-based policy allows the s3:ListAllMyBuckets action")


def test_a_boundary_that_comes_and_goes_is_obeyed_by_the_next_request(house: House, fence: str) -> None:
    house.user("ann", LIST, QUEUES)
    iam, sqs = house.client("iam"), house.client("sqs", "ann")
    seen = [code(sqs.list_queues)]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=fence)
    seen.append(code(sqs.list_queues))
    iam.create_policy_version(PolicyArn=fence, PolicyDocument=policy(QUEUES), SetAsDefault=True)
    seen.append(code(sqs.list_queues))
    iam.set_default_policy_version(PolicyArn=fence, VersionId="v1")
    seen.append(code(sqs.list_queues))
    iam.delete_user_permissions_boundary(UserName="ann")
    seen.append(code(sqs.list_queues))
    assert seen == ["", "AccessDenied", "", "AccessDenied", ""]


def test_a_role_is_bounded_in_all_its_sessions(house: House, fence: str) -> None:
    role = house.role("app", {"AWS": ACCOUNT}, LIST, QUEUES, PermissionsBoundary=fence)
    keys = house.assume("admin", role)
    assert code(house.client("s3", keys).list_buckets) == ""
    assert code(house.client("sqs", keys).list_queues) == "AccessDenied"
    house.client("iam").delete_role_permissions_boundary(RoleName="app")
    assert code(house.client("sqs", keys).list_queues) == ""


def test_a_federated_user_is_inside_the_boundary_of_the_user(house: House, fence: str) -> None:
    house.user("ann", LIST, QUEUES, statement("sts:GetFederationToken", "*"), PermissionsBoundary=fence)
    everything = policy(statement("*", "*"))
    sts = house.client("sts", "ann")
    # The boundary says nothing of STS.
    assert code(sts.get_federation_token, Name="bob", Policy=everything) == "AccessDenied"
    wider = policy(LIST, statement("sts:*", "*"))
    house.client("iam").create_policy_version(PolicyArn=fence, PolicyDocument=wider, SetAsDefault=True)
    keys = sts.get_federation_token(Name="bob", Policy=everything)["Credentials"]
    assert code(house.client("s3", keys).list_buckets) == ""
    assert code(house.client("sqs", keys).list_queues) == "AccessDenied"


def test_a_deny_in_a_boundary_is_named(house: House) -> None:
    fence = house.managed("fence", statement("*", "*"), statement("s3:*", "*", "Deny"))
    house.user("ann", LIST, PermissionsBoundary=fence)
    _, _, message = denied(house.client("s3", "ann").list_buckets)
    assert message.endswith(f"with an explicit deny in a permissions boundary: {fence}")


def test_delegation_is_limited_to_users_with_the_boundary(house: House, fence: str) -> None:
    fenced = {"StringEquals": {"iam:PermissionsBoundary": fence}}
    house.user("hr", statement(["iam:CreateUser", "iam:AttachUserPolicy"], "*", Condition=fenced))
    iam = house.client("iam", "hr")
    assert code(iam.create_user, UserName="free") == "AccessDenied"
    assert code(iam.create_user, UserName="fenced", PermissionsBoundary=fence) == ""
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert code(iam.attach_user_policy, UserName="fenced", PolicyArn=admin) == ""
    house.user("other")
    assert code(iam.attach_user_policy, UserName="other", PolicyArn=admin) == "AccessDenied"


# -- as IAM tells it ---------------------------------------------------------------------------------------


def test_a_boundary_is_shown(house: House, fence: str) -> None:
    iam = house.client("iam")
    made = iam.create_user(UserName="ann", PermissionsBoundary=fence, Tags=[{"Key": "a", "Value": "b"}])
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": fence}
    assert made["User"]["PermissionsBoundary"] == shown
    found = iam.get_user(UserName="ann")["User"]
    assert (found["PermissionsBoundary"], found["Tags"]) == (shown, [{"Key": "a", "Value": "b"}])
    assert {key: found[key] for key in ("Arn", "UserId", "CreateDate", "Path")} == {
        key: made["User"][key] for key in ("Arn", "UserId", "CreateDate", "Path")
    }
    house.client("iam").put_user_policy(
        UserName="ann", PolicyName="p", PolicyDocument=policy(statement("iam:GetUser", "*"))
    )
    # Whoever calls without a name means themselves.
    assert house.client("iam", "ann").get_user()["User"]["PermissionsBoundary"] == shown
    iam.delete_user_permissions_boundary(UserName="ann")
    assert "PermissionsBoundary" not in iam.get_user(UserName="ann")["User"]


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("put_user_permissions_boundary", {"UserName": "nobody"}, ("NoSuchEntity", 404)),
        ("put_user_permissions_boundary", {"PermissionsBoundary": "x" * 20}, ("ValidationError", 400)),
        (
            "put_user_permissions_boundary",
            {"PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/none"},
            ("NoSuchEntity", 404),
        ),
        (
            "create_user",
            {"PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/none"},
            ("NoSuchEntity", 404),
        ),
    ],
)
def test_what_cannot_be_a_boundary_is_refused(
    house: House, fence: str, operation: str, params: dict[str, str], expected: tuple[str, int]
) -> None:
    house.user("ann")
    given: dict[str, Any] = {"UserName": "ann", "PermissionsBoundary": fence, **params}
    given["UserName"] = "bob" if operation == "create_user" else given["UserName"]
    iam = house.client("iam")
    assert denied(getattr(iam, operation), **given)[:2] == expected
    assert code(iam.get_user, UserName="bob") == "NoSuchEntity"


def test_a_boundary_that_is_not_there_cannot_be_taken_away(house: House) -> None:
    house.user("ann")
    iam = house.client("iam")
    assert denied(iam.delete_user_permissions_boundary, UserName="ann")[:2] == ("NoSuchEntity", 404)
    assert denied(iam.delete_user_permissions_boundary, UserName="nobody")[:2] == ("NoSuchEntity", 404)
