"""iam:GetContextKeysFor…: the keys that policies look at, from AWS's samples and through boto3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House, denied, policy, statement

DATA = json.loads(Path(__file__).with_name("simulations.json").read_text("utf-8"))
TEXTS = {name: each["text"] for name, each in DATA["policies"].items()}


@pytest.mark.parametrize("case", DATA["context_keys"], ids=lambda case: "+".join(case["policies"]))
def test_the_keys_of_given_policies_are_those_that_aws_lists(house: House, case: dict[str, Any]) -> None:
    texts = [TEXTS[name] for name in case["policies"]]
    answer = house.client("iam").get_context_keys_for_custom_policy(PolicyInputList=texts)
    assert answer["ContextKeyNames"] == case["keys"]


def test_variables_in_values_count_and_the_old_language_has_none(house: House) -> None:
    condition = {"StringLike": {"s3:prefix": ["home/${aws:userid}/*", "${aws:PrincipalTag/team, 'all'}"]}}
    new = policy(statement("s3:*", "*", Condition=condition))
    iam = house.client("iam")
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[new])["ContextKeyNames"] == [
        "s3:prefix",
        "aws:userid",
        "aws:PrincipalTag/team",
    ]
    old = new.replace("2012-10-17", "2008-10-17")
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[old])["ContextKeyNames"] == ["s3:prefix"]


def test_a_key_that_is_spelled_in_two_ways_is_one(house: House) -> None:
    texts = [
        policy(statement("*", "*", Condition={"Bool": {key: "true"}}))
        for key in ("aws:SecureTransport", "AWS:securetransport")
    ]
    answer = house.client("iam").get_context_keys_for_custom_policy(PolicyInputList=texts)
    assert answer["ContextKeyNames"] == ["aws:SecureTransport"]


def test_the_keys_of_a_user_come_from_its_policies_and_its_groups(house: House) -> None:
    def looking_at(key: str) -> dict[str, Any]:
        return statement("s3:*", "*", Condition={"StringEquals": {key: "x"}})

    arn = house.user("ann", looking_at("aws:username"))
    iam = house.client("iam")
    iam.attach_user_policy(UserName="ann", PolicyArn=house.managed("m", looking_at("s3:prefix")))
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="g", PolicyDocument=policy(looking_at("s3:delimiter")))
    iam.add_user_to_group(GroupName="staff", UserName="ann")
    given = policy(looking_at("aws:SourceIp"))
    answer = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn, PolicyInputList=[given])
    assert answer["ContextKeyNames"] == ["aws:username", "s3:prefix", "s3:delimiter", "aws:SourceIp"]
    group = iam.get_context_keys_for_principal_policy(PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:group/staff")
    assert group["ContextKeyNames"] == ["s3:delimiter"]


def test_what_is_not_there_or_not_valid_is_said(house: House) -> None:
    iam = house.client("iam")
    arn = f"arn:aws:iam::{ACCOUNT}:user/nobody"
    assert denied(iam.get_context_keys_for_principal_policy, PolicySourceArn=arn) == (
        "NoSuchEntity",
        404,
        "The user with name nobody cannot be found.",
    )
    code, status, message = denied(iam.get_context_keys_for_custom_policy, PolicyInputList=["{"])
    assert (code, status) == ("InvalidInput", 400)
    assert "PolicyInputList.1" in message
