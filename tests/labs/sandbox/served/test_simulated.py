"""The policies of a simulation: attached to a user, group or role, less those that are left out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House, policy, statement
from tests.labs.sandbox.served.simulations import (
    KEY,
    READ_B,
    principal,
    sources,
)

# -- policies that are attached ------------------------------------------------------------------------


def test_a_user_brings_all_its_policies_by_their_names(house: House) -> None:
    arn = house.user("ann", READ_B)
    iam = house.client("iam")
    iam.attach_user_policy(UserName="ann", PolicyArn=house.managed("shared", READ_B))
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="ours", PolicyDocument=policy(READ_B))
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    asked: dict[str, Any] = {"ResourceArns": [KEY], "PolicyInputList": [policy(READ_B)]}
    assert sources(principal(house, arn, **asked)) == [
        "user_ann_p",
        "shared",
        "AmazonS3ReadOnlyAccess",
        "group_staff_ours",
        "PolicyInputList.1",
    ]
    group = principal(house, f"arn:aws:iam::{ACCOUNT}:group/staff", ResourceArns=[KEY])
    assert sources(group) == ["group_staff_ours"]


def test_a_role_with_a_path_is_found(house: House) -> None:
    arn = house.role("app", {"Service": "ec2.amazonaws.com"}, READ_B, path="/svc/")
    result = principal(house, arn, ResourceArns=[KEY])
    assert (result["EvalDecision"], sources(result)) == ("allowed", ["role_app_p"])


def test_a_change_of_a_policy_shows_in_the_next_simulation(house: House) -> None:
    arn = house.user("ann")
    seen = [principal(house, arn, ResourceArns=[KEY])["EvalDecision"]]
    for effect in ("Allow", "Deny"):
        document = policy({**READ_B, "Effect": effect})
        house.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
        seen.append(principal(house, arn, ResourceArns=[KEY])["EvalDecision"])
    assert seen == ["implicitDeny", "allowed", "explicitDeny"]


def test_an_attached_boundary_counts_unless_another_is_given(house: House) -> None:
    arn = house.user("ann", statement("*", "*"), PermissionsBoundary=house.managed("fence", READ_B))
    put: dict[str, Any] = {"action": "s3:PutObject", "ResourceArns": [KEY]}
    attached = principal(house, arn, **put)
    assert attached["EvalDecision"] == "implicitDeny"
    assert attached["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    given = [policy(statement("s3:*", "*"))]
    assert principal(house, arn, **put, PermissionsBoundaryPolicyInputList=given)["EvalDecision"] == "allowed"


def test_organizations_are_asked_about_users_of_member_accounts(house: House) -> None:
    arn = house.user("ann", statement("*", "*"))
    assert "OrganizationsDecisionDetail" not in principal(house, arn)
    organizations = house.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    deny = policy(statement("s3:*", "*", "Deny"))
    made = organizations.create_policy(
        Content=deny, Description="", Name="no-s3", Type="SERVICE_CONTROL_POLICY"
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)
    # Nothing of it reaches the management account.
    assert principal(house, arn)["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    account = organizations.create_account(AccountName="member", Email="m@example.com")
    member = account["CreateAccountStatus"]["AccountId"]
    keys = house.assume("admin", f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole")
    iam = house.client("iam", keys)
    bob = iam.create_user(UserName="bob")["User"]["Arn"]
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy(statement("*", "*")))
    asked: dict[str, Any] = {"PolicySourceArn": bob, "ActionNames": ["s3:GetObject"]}
    (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    assert result["EvalDecision"] == "explicitDeny"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    (spared,) = iam.simulate_principal_policy(**asked, PolicyExclusionList=[{"PolicyType": "scp"}])[
        "EvaluationResults"
    ]
    assert spared["EvalDecision"] == "allowed"


def test_another_caller_may_have_the_policies(house: House) -> None:
    arn = house.user("ann", statement("s3:*", "*"))
    bob = house.user("bob")
    for_bob = policy({**READ_B, "Effect": "Deny", "Principal": {"AWS": bob}})
    asked: dict[str, Any] = {"ResourceArns": [KEY], "ResourcePolicy": for_bob}
    assert principal(house, arn, **asked)["EvalDecision"] == "allowed"
    assert principal(house, arn, **asked, CallerArn=bob)["EvalDecision"] == "explicitDeny"


@pytest.mark.parametrize(
    ("exclusion", "left"),
    [
        ({"PolicyType": "inline"}, ["AmazonS3ReadOnlyAccess", "shared"]),
        ({"PolicyType": "aws-managed"}, ["group_staff_ours", "shared", "user_ann_p"]),
        ({"PolicyType": "user-managed"}, ["AmazonS3ReadOnlyAccess", "group_staff_ours", "user_ann_p"]),
        (
            {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/sh*d"},
            ["AmazonS3ReadOnlyAccess", "group_staff_ours", "user_ann_p"],
        ),
        (
            {"PolicyArn": "arn:aws:iam::aws:policy/AmazonS3?eadOnlyAccess"},
            ["group_staff_ours", "shared", "user_ann_p"],
        ),
        (
            {
                "InlinePolicyIdentifier": {
                    "PolicyName": "ours",
                    "AttachmentType": "group",
                    "AttachmentName": "st*",
                }
            },
            ["AmazonS3ReadOnlyAccess", "shared", "user_ann_p"],
        ),
        ({"PolicyType": "rcp"}, ["AmazonS3ReadOnlyAccess", "group_staff_ours", "shared", "user_ann_p"]),
    ],
    ids=str,
)
def test_policies_can_be_left_out(house: House, exclusion: dict[str, Any], left: list[str]) -> None:
    arn = house.user("ann", READ_B)
    iam = house.client("iam")
    iam.attach_user_policy(UserName="ann", PolicyArn=house.managed("shared", READ_B))
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="ours", PolicyDocument=policy(READ_B))
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    result = principal(house, arn, ResourceArns=[KEY], PolicyExclusionList=[exclusion])
    assert sorted(sources(result)) == left


def test_a_boundary_can_be_left_out(house: House) -> None:
    arn = house.user("ann", statement("*", "*"), PermissionsBoundary=house.managed("fence", READ_B))
    result = principal(
        house, arn, "s3:PutObject", PolicyExclusionList=[{"PolicyType": "permission-boundary"}]
    )
    assert result["EvalDecision"] == "allowed"
    assert "PermissionsBoundaryDecisionDetail" not in result
