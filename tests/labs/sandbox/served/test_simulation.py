"""iam:Simulate…Policy through boto3 and the AWS CLI: decisions and their reasons.

Source: IAM API Reference, "SimulateCustomPolicy", "SimulatePrincipalPolicy", "EvaluationResult",
"ResourceSpecificResult".
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labs.sandbox import World
from tests.labs.sandbox.houses import ACCOUNT, House, denied, policy, statement
from tests.labs.sandbox.served.simulations import (
    ANN,
    KEY,
    OTHER,
    OTHER_KEY,
    READ_B,
    TEXTS,
    custom,
    entry,
    sources,
)

# -- decisions and statements --------------------------------------------------------------------------


def test_the_samples_of_the_cli_reference(house: House) -> None:
    late = custom(
        house,
        TEXTS["dates"],
        action="dynamodb:CreateBackup",
        ContextEntries=[entry("aws:CurrentTime", "2019-04-25T11:00:00Z", type="date")],
    )
    assert late == {
        "EvalActionName": "dynamodb:CreateBackup",
        "EvalResourceName": "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.1",
                "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 1, "Column": 38},
                "EndPosition": {"Line": 1, "Column": 167},
            }
        ],
        "MissingContextValues": [],
    }
    early = custom(
        house,
        TEXTS["dates"],
        action="dynamodb:CreateBackup",
        ContextEntries=[entry("aws:CurrentTime", "2014-04-25T11:00:00Z", type="date")],
    )
    assert (early["EvalDecision"], early["MatchedStatements"]) == ("implicitDeny", [])


def test_a_deny_hides_the_allows_beside_it(house: House) -> None:
    allow, deny = policy(statement("s3:*", "*")), policy(READ_B, statement("s3:Get*", "*", "Deny"))
    result = custom(house, allow, deny)
    assert result["EvalDecision"] == "explicitDeny"
    assert [
        (each["SourcePolicyId"], each["StartPosition"]["Column"] > 41) for each in result["MatchedStatements"]
    ] == [("PolicyInputList.2", True)]


def test_all_allows_are_named(house: House) -> None:
    result = custom(house, policy(statement("s3:*", "*")), policy(statement("*", "*")))
    assert sources(result) == ["PolicyInputList.1", "PolicyInputList.2"]


def test_each_action_has_one_result_and_each_resource_its_own_below_it(house: House) -> None:
    result = custom(house, policy(READ_B), ResourceArns=[KEY, OTHER_KEY])
    assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", [])
    assert result["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert result["EvalDecisionDetails"] == {}
    assert [
        (each["EvalResourceName"], each["EvalResourceDecision"], sources(each))
        for each in result["ResourceSpecificResults"]
    ] == [(KEY, "allowed", ["PolicyInputList.1"]), (OTHER_KEY, "implicitDeny", [])]


def test_an_explicit_deny_on_one_resource_is_the_decision_on_all(house: House) -> None:
    result = custom(
        house,
        policy(READ_B, statement("s3:GetObject", "arn:aws:s3:::c/*", "Deny")),
        ResourceArns=[KEY, OTHER_KEY],
    )
    assert result["EvalDecision"] == "explicitDeny"
    assert len(result["MatchedStatements"]) == 1
    assert result["MatchedStatements"] == result["ResourceSpecificResults"][1]["MatchedStatements"]


@pytest.mark.parametrize("arns", [{}, {"ResourceArns": ["*"]}])
def test_without_resources_the_question_is_about_all_of_them(house: House, arns: dict[str, Any]) -> None:
    result = custom(house, policy(READ_B), **arns)
    assert result["EvalDecision"] == "implicitDeny"
    assert "ResourceSpecificResults" not in result
    assert "EvalDecisionDetails" not in result


def test_an_action_that_takes_no_resource_is_asked_about_all(house: House) -> None:
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
    listing: dict[str, Any] = {"action": "ec2:DescribeInstances", "ResourceArns": [instance]}
    on_it = custom(house, policy(statement("ec2:*", instance)), **listing)
    on_all = custom(house, policy(statement("ec2:*", "*")), **listing)
    assert (on_it["EvalDecision"], on_all["EvalDecision"]) == ("implicitDeny", "allowed")
    assert on_all["EvalResourceName"] == "*"


def test_the_form_is_that_of_the_resource_that_is_asked_about(house: House) -> None:
    launch = "ec2:RunInstances"
    for kind, form in (("subnet", "subnet/${SubnetId}"), ("volume", "volume/${VolumeId}")):
        arn = f"arn:aws:ec2:us-east-1:{ACCOUNT}:{kind}/x-1"
        result = custom(house, policy(statement("*", "*")), action=launch, ResourceArns=[arn])
        assert result["EvalResourceName"].endswith(form)


def test_keys_and_roles_leave_it_to_the_account_when_their_own_policy_is_not_given(house: House) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    everything = policy(statement("*", "*"))
    for action, arn in (("kms:Decrypt", key), ("sts:AssumeRole", role)):
        assert custom(house, everything, action=action, ResourceArns=[arn])["EvalDecision"] == "allowed"


# -- boundaries and organizations ----------------------------------------------------------------------


def test_a_given_boundary_bounds(house: House) -> None:
    everything, fence = policy(statement("*", "*")), policy(READ_B, statement("s3:DeleteObject", "*", "Deny"))
    decisions = {}
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        result = custom(
            house,
            everything,
            action=action,
            ResourceArns=[KEY],
            PermissionsBoundaryPolicyInputList=[fence],
        )
        inside = result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]
        (one,) = result["ResourceSpecificResults"]
        assert one["PermissionsBoundaryDecisionDetail"] == result["PermissionsBoundaryDecisionDetail"]
        decisions[action] = (result["EvalDecision"], inside, sources(one))
    assert decisions == {
        "s3:GetObject": ("allowed", True, ["PolicyInputList.1"]),
        "s3:PutObject": ("implicitDeny", False, ["PolicyInputList.1"]),
        "s3:DeleteObject": ("explicitDeny", False, ["PermissionsBoundaryPolicyInputList.1"]),
    }


def test_given_levels_of_an_organization_must_each_allow(house: House) -> None:
    everything = policy(statement("*", "*"))

    def asked(*levels: str) -> tuple[str, bool]:
        given = [{"ServiceControlPolicyInputList": [level]} for level in levels]
        result = custom(house, everything, OrderedOrganizationPolicyInputList=given)
        return result["EvalDecision"], result["OrganizationsDecisionDetail"]["AllowedByOrganizations"]

    sqs, no_s3 = policy(statement("sqs:*", "*")), policy(statement("*", "*"), statement("s3:*", "*", "Deny"))
    assert asked(everything, everything, everything) == ("allowed", True)
    assert asked(everything, sqs, everything) == ("implicitDeny", False)
    assert asked(everything, no_s3) == ("explicitDeny", False)
    assert "OrganizationsDecisionDetail" not in custom(house, everything)


def test_what_organizations_deny_names_no_statement(house: House) -> None:
    deny = policy(statement("*", "*"), statement("s3:*", "*", "Deny", Condition={"Bool": {"aws:x": "true"}}))
    result = custom(
        house,
        policy(statement("*", "*")),
        ResourceArns=[KEY],
        ContextEntries=[entry("aws:x", "true", type="boolean")],
        OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": [deny]}],
    )
    assert (result["EvalDecision"], sources(result)) == ("explicitDeny", [])
    assert "EvalDecisionDetails" not in result
    without = custom(
        house,
        policy(statement("*", "*")),
        OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": [deny]}],
    )
    assert without["MissingContextValues"] == []


# -- resource policies and other accounts --------------------------------------------------------------


def test_a_resource_policy_that_names_the_user_is_enough_at_home(house: House) -> None:
    theirs = policy({**READ_B, "Principal": {"AWS": ANN}})
    result = custom(
        house, policy(statement("sqs:*", "*")), CallerArn=ANN, ResourceArns=[KEY], ResourcePolicy=theirs
    )
    assert result["EvalDecision"] == "allowed"
    assert [(each["SourcePolicyId"], each["SourcePolicyType"]) for each in result["MatchedStatements"]] == [
        ("ResourcePolicy", "Resource Policy")
    ]
    assert result["EvalDecisionDetails"] == {}


@pytest.mark.parametrize("owner", [OTHER, f"arn:aws:iam::{OTHER}:root"])
def test_across_accounts_each_side_is_told(house: House, owner: str) -> None:
    theirs = policy({**READ_B, "Principal": {"AWS": ANN}})

    def asked(mine: str) -> tuple[str, dict[str, str]]:
        result = custom(
            house, mine, CallerArn=ANN, ResourceArns=[KEY], ResourcePolicy=theirs, ResourceOwner=owner
        )
        (one,) = result["ResourceSpecificResults"]
        assert one["EvalDecisionDetails"] == result["EvalDecisionDetails"]
        return result["EvalDecision"], result["EvalDecisionDetails"]

    assert asked(policy(READ_B)) == ("allowed", {"IAM Policy": "allowed", "Resource Policy": "allowed"})
    assert asked(policy(statement("sqs:*", "*"))) == (
        "implicitDeny",
        {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"},
    )
    assert asked(policy(statement("*", "*", "Deny")))[1]["IAM Policy"] == "explicitDeny"


def test_an_arn_that_tells_its_account_needs_no_owner(house: House) -> None:
    queue = f"arn:aws:sqs:us-east-1:{OTHER}:jobs"
    result = custom(
        house, policy(statement("sqs:*", "*")), action="sqs:SendMessage", CallerArn=ANN, ResourceArns=[queue]
    )
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "implicitDeny"}


# -- pages ---------------------------------------------------------------------------------------------


def test_results_come_in_pages(house: House) -> None:
    actions = [f"s3:GetObject{letter}" for letter in "ABCDE"]
    iam = house.client("iam")
    asked: dict[str, Any] = {"PolicyInputList": [policy(READ_B)], "ActionNames": actions}
    first = iam.simulate_custom_policy(**asked, MaxItems=2)
    assert (first["IsTruncated"], len(first["EvaluationResults"])) == (True, 2)
    pages = iam.get_paginator("simulate_custom_policy").paginate(**asked, PaginationConfig={"PageSize": 2})
    assert [each["EvalActionName"] for page in pages for each in page["EvaluationResults"]] == actions
    assert denied(iam.simulate_custom_policy, **asked, Marker="x")[0] == "InvalidInput"


# -- as users see it -----------------------------------------------------------------------------------


def test_the_cli_simulates(world: World) -> None:
    program = shutil.which("aws", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert program
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **world.environment("admin")}

    def aws(*words: str) -> Any:
        done = subprocess.run([program, "iam", *words], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    given = "ContextKeyName='aws:CurrentTime',ContextKeyValues='2019-04-25T11:00:00Z',ContextKeyType=date"
    text = TEXTS["dates"]
    custom = aws(
        "simulate-custom-policy",
        "--policy-input-list",
        text,
        "--action-names",
        "dynamodb:CreateBackup",
        "--context-entries",
        given,
    )
    (result,) = custom["EvaluationResults"]
    assert (result["EvalDecision"], result["MatchedStatements"][0]["EndPosition"]) == (
        "allowed",
        {"Line": 1, "Column": 167},
    )
    assert aws("get-context-keys-for-custom-policy", "--policy-input-list", text) == {
        "ContextKeyNames": ["aws:CurrentTime"]
    }
    admin = f"arn:aws:iam::{ACCOUNT}:user/admin"
    attached = aws("simulate-principal-policy", "--policy-source-arn", admin, "--action-names", "iam:GetUser")
    assert attached["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"] == "AdministratorAccess"
