"""Deleting many objects at once, where each key is judged by itself.

Source: Amazon S3 API Reference, "DeleteObjects" (Permissions).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import House, policy, statement


@pytest.fixture
def s3(house: House) -> Any:
    """S3 of ann, who may do nothing yet, with the objects a, b and c."""
    admin = house.client("s3")
    admin.create_bucket(Bucket="basket")
    for key in "abc":
        admin.put_object(Bucket="basket", Key=key, Body=b"x")
    house.user("ann")
    return house.client("s3", "ann")


def allow(house: House, *statements: dict[str, Any]) -> None:
    house.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy(*statements))


def deleted(s3: Any, *keys: str, **more: Any) -> tuple[list[str], dict[str, str]]:
    """The keys that went, and of the others the reasons."""
    answer = s3.delete_objects(Bucket="basket", Delete={"Objects": [{"Key": key} for key in keys]}, **more)
    gone = [each["Key"] for each in answer.get("Deleted", ())]
    return gone, {each["Key"]: each["Message"] for each in answer.get("Errors", ())}


def test_each_key_is_judged_by_itself(house: House, s3: Any) -> None:
    allow(house, statement("s3:DeleteObject", ["arn:aws:s3:::basket/a", "arn:aws:s3:::basket/c"]))
    gone, kept = deleted(s3, "a", "b", "c")
    assert gone == ["a", "c"]
    assert kept["b"].endswith("because no identity-based policy allows the s3:DeleteObject action")
    left = house.client("s3").list_objects_v2(Bucket="basket")["Contents"]
    assert [each["Key"] for each in left] == ["b"]


def test_getting_round_a_lock_is_judged_for_each_key_too(house: House, s3: Any) -> None:
    one = statement("s3:BypassGovernanceRetention", "arn:aws:s3:::basket/a")
    allow(house, statement("s3:DeleteObject", "arn:aws:s3:::basket/*"), one)
    gone, kept = deleted(s3, "a", "b", BypassGovernanceRetention=True)
    assert gone == ["a"]
    assert "s3:BypassGovernanceRetention" in kept["b"]
    assert deleted(s3, "b")[0] == ["b"]


def test_nothing_goes_when_nothing_may(house: House, s3: Any) -> None:
    gone, kept = deleted(s3, "a", "b")
    assert (gone, list(kept)) == ([], ["a", "b"])
    assert house.client("s3").list_objects_v2(Bucket="basket")["KeyCount"] == 3
