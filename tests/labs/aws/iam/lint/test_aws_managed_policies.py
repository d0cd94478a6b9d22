"""AWS's own managed policies, which the lint must leave almost alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from labs.aws.iam import parse_policy
from labs.aws.iam.lint import lint

POLICIES: dict[str, Any] = {
    name: each["Document"] for name, each in sorted(json.loads(aws_managed_policies_data).items())
}
SAMPLE = list(POLICIES)[::12]
SOUND = (
    "AmazonS3ReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AWSLambdaBasicExecutionRole",
    "CloudWatchLogsFullAccess",
    "ReadOnlyAccess",
)


@pytest.mark.parametrize("name", SAMPLE)
def test_every_policy_of_aws_is_read(name: str) -> None:
    assert parse_policy(POLICIES[name], name, type="identity").statements


def test_hardly_any_is_said_to_have_a_resource_that_no_action_acts_on() -> None:
    doubted = {
        name
        for name in SAMPLE
        if {"bad-arn", "action-resource-mismatch", "resource-unused", "unknown-key", "syntax"}
        & {each.code for each in lint(POLICIES[name], "managed")}
    }

    assert len(doubted) <= len(SAMPLE) // 20


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_wrong_with_the_best_known(name: str) -> None:
    errors = [
        each for each in lint(POLICIES[name], "managed") if each.code not in ("too-large", "unknown-service")
    ]

    assert [each.path for each in errors if each.severity.value == "error"] == []
