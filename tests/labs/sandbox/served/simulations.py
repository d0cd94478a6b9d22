"""What the tests of the policy simulator share: data, and one question at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.labs.sandbox.houses import ACCOUNT, House, statement

DATA = json.loads(Path(__file__).with_name("simulations.json").read_text("utf-8"))
TEXTS = {name: each["text"] for name, each in DATA["policies"].items()}
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
OTHER = "999999999999"
KEY, OTHER_KEY = "arn:aws:s3:::b/k", "arn:aws:s3:::c/k"
READ_B = statement("s3:GetObject", "arn:aws:s3:::b/*")


def custom(house: House, *policies: str, action: str = "s3:GetObject", **params: Any) -> dict[str, Any]:
    """The only result of a simulation of given policies."""
    iam = house.client("iam")
    answer = iam.simulate_custom_policy(PolicyInputList=list(policies), ActionNames=[action], **params)
    (result,) = answer["EvaluationResults"]
    return dict(result)


def principal(house: House, arn: str, action: str = "s3:GetObject", **params: Any) -> dict[str, Any]:
    """The only result of a simulation of a user, group or role."""
    iam = house.client("iam")
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], **params)
    (result,) = answer["EvaluationResults"]
    return dict(result)


def entry(name: str, *values: str, type: str = "string") -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyValues": list(values), "ContextKeyType": type}


def sources(result: dict[str, Any]) -> list[str]:
    return [each["SourcePolicyId"] for each in result["MatchedStatements"]]
