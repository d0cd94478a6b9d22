"""The notebook's view of a decision: what it shows, that it follows an edit, that nothing breaks out."""

from __future__ import annotations

import json

import pytest

from labs.widgets import PolicyEvaluator

READING = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::training-data/*"}
READER = {"Version": "2012-10-17", "Statement": [READING]}


@pytest.fixture
def evaluator() -> PolicyEvaluator:
    return PolicyEvaluator(READER)


def test_it_opens_with_the_decision(evaluator: PolicyEvaluator) -> None:
    assert "✓ Allowed" in evaluator.decision.value


def test_changing_the_action_changes_the_decision(evaluator: PolicyEvaluator) -> None:
    evaluator.action.value = "s3:DeleteObject"

    assert "✗ Denied: nothing allows it" in evaluator.decision.value


def test_changing_the_policy_changes_the_decision(evaluator: PolicyEvaluator) -> None:
    denying = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    evaluator.policy.value = json.dumps({**READER, "Statement": [*READER["Statement"], denying]})

    assert "✗ Explicitly denied" in evaluator.decision.value


def test_a_statement_that_did_not_match_says_which_element_failed(evaluator: PolicyEvaluator) -> None:
    evaluator.resource.value = "arn:aws:s3:::training-data"

    assert "did not match" in evaluator.decision.value
    assert "✗&nbsp;Resource" in evaluator.decision.value


@pytest.mark.parametrize("text", ["{", "[]", '{"Version": "2012-10-17"}', '{"Statement": 3}'])
def test_a_policy_that_aws_would_refuse_shows_what_is_wrong(evaluator: PolicyEvaluator, text: str) -> None:
    evaluator.policy.value = text

    assert "✗" in evaluator.decision.value
    assert "Allowed" not in evaluator.decision.value


def test_a_principal_that_is_none_shows_what_is_wrong(evaluator: PolicyEvaluator) -> None:
    evaluator.principal.value = "alice?"

    assert "✗" in evaluator.decision.value
    assert "Allowed" not in evaluator.decision.value


def test_texts_from_a_policy_are_escaped(evaluator: PolicyEvaluator) -> None:
    hostile = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::<script>alert(1)</script>",
    }
    evaluator.policy.value = json.dumps({**READER, "Statement": [hostile]})

    assert "<script>" not in evaluator.decision.value
    assert "&lt;script&gt;" in evaluator.decision.value


def test_a_resource_policy_beside_it_takes_part() -> None:
    bucket_policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::training-data/*",
            }
        ],
    }

    assert "✗ Explicitly denied" in PolicyEvaluator(READER, resource_policy=bucket_policy).decision.value


def test_the_stage_that_decides_is_marked(evaluator: PolicyEvaluator) -> None:
    assert 'class="stage decides">5&ensp;identity-based policy' in evaluator.decision.value
    evaluator.action.value = "s3:DeleteObject"

    assert 'class="stage decides"' not in evaluator.decision.value


ALL_OF_S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
ALL_OF_EC2 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
SESSION = "arn:aws:sts::123456789012:assumed-role/reader/night-run"


@pytest.mark.parametrize(
    ("kind", "principal", "stage"),
    [
        ("boundary", "arn:aws:iam::123456789012:user/alice", "permissions boundary"),
        ("scp", "arn:aws:iam::123456789012:user/alice", "SCP"),
        ("session", SESSION, "session policy"),
    ],
)
def test_a_cap_that_does_not_have_the_action_denies_and_one_that_has_it_lets_it_pass(
    evaluator: PolicyEvaluator, kind: str, principal: str, stage: str
) -> None:
    evaluator.principal.value = principal
    evaluator.policies[kind].value = json.dumps(ALL_OF_EC2)
    assert "✗ Denied" in evaluator.decision.value
    assert stage in evaluator.decision.value

    evaluator.policies[kind].value = json.dumps(ALL_OF_S3)
    assert "✓ Allowed" in evaluator.decision.value


def test_a_resource_policy_that_is_typed_allows_by_itself(evaluator: PolicyEvaluator) -> None:
    evaluator.policy.value = ""
    assert "✗ Denied: nothing allows it" in evaluator.decision.value

    named = {**READING, "Principal": {"AWS": evaluator.principal.value}}
    evaluator.policies["resource"].value = json.dumps({"Version": "2012-10-17", "Statement": [named]})
    assert "✓ Allowed" in evaluator.decision.value


def test_a_tab_tells_by_a_dot_whether_there_is_such_a_policy(evaluator: PolicyEvaluator) -> None:
    assert evaluator.tabs.titles == ("identity •", "resource", "boundary", "session", "SCP")

    evaluator.policies["boundary"].value = json.dumps(ALL_OF_S3)
    evaluator.policy.value = " "
    assert evaluator.tabs.titles == ("identity", "resource", "boundary •", "session", "SCP")


def test_the_context_of_the_request_takes_part() -> None:
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    policy = {"Version": "2012-10-17", "Statement": [{**READING, "Condition": office}]}
    evaluator = PolicyEvaluator(policy, context={"aws:SourceIp": "203.0.113.7"})
    assert "✓ Allowed" in evaluator.decision.value

    evaluator.context.value = "aws:SourceIp=198.51.100.7"
    assert "✗ Denied" in evaluator.decision.value


def test_a_key_with_several_lines_has_several_values() -> None:
    tagged = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}
    create = {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*", "Condition": tagged}
    evaluator = PolicyEvaluator(
        {"Version": "2012-10-17", "Statement": [create]},
        action="sqs:CreateQueue",
        resource="arn:aws:sqs:us-east-1:123456789012:jobs",
    )
    evaluator.context.value = "aws:TagKeys=team\naws:TagKeys=stage"
    assert "✓ Allowed" in evaluator.decision.value

    evaluator.context.value = "aws:TagKeys=team\naws:TagKeys=salary"
    assert "✗ Denied" in evaluator.decision.value


def test_a_condition_key_without_a_value_shows_what_is_wrong(evaluator: PolicyEvaluator) -> None:
    evaluator.context.value = "aws:SourceIp"

    assert "KEY=VALUE" in evaluator.decision.value


def test_a_principal_in_an_identity_based_policy_is_refused_as_by_aws(evaluator: PolicyEvaluator) -> None:
    named = {**READING, "Principal": "*"}
    evaluator.policy.value = json.dumps({"Version": "2012-10-17", "Statement": [named]})

    assert "Principal" in evaluator.decision.value
    assert "Allowed" not in evaluator.decision.value
