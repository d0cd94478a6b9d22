"""The notebook's view of a decision: what it shows, that it follows an edit, that nothing breaks out."""

from __future__ import annotations

import json

import pytest

from labs.widgets import PolicyEvaluator

READER = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::training-data/*"}],
}


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
