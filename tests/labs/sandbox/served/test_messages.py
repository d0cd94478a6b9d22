"""The encoded message in refusals of EC2, and its decoding.

Source: AWS STS API Reference, "DecodeAuthorizationMessage"; Amazon EC2 API Reference, "Error codes"
(UnauthorizedOperation).
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.sandbox.served.messages import _open, _seal
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
LAUNCH = {"ImageId": "ami-00000000", "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}


def refused(house: House, who: str = "ann") -> tuple[str, str]:
    """The readable and the encoded part of the refusal of a launch."""
    image = house.client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    error, status, message = denied(house.client("ec2", who).run_instances, **{**LAUNCH, "ImageId": image})
    assert (error, status) == ("UnauthorizedOperation", 403)
    readable, _, encoded = message.partition(". Encoded authorization failure message: ")
    return readable, encoded


def decoded(house: House, encoded: str) -> dict[str, Any]:
    answer = house.client("sts").decode_authorization_message(EncodedMessage=encoded)
    told: dict[str, Any] = json.loads(answer["DecodedMessage"])
    return told


def test_a_refused_launch_says_what_is_missing_and_more_in_a_sealed_message(house: House) -> None:
    house.user("ann")
    readable, encoded = refused(house)
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*"
    assert readable == (
        f"You are not authorized to perform this operation. User: {ANN} is not authorized to perform: "
        f"ec2:RunInstances on resource: {instance} because no identity-based policy allows the "
        "ec2:RunInstances action"
    )
    assert re.fullmatch(r"[\w-]+", encoded)
    told = decoded(house, encoded)
    assert (told["allowed"], told["explicitDeny"], told["matchedStatements"]) == (False, False, {"items": []})
    context = told["context"]
    assert (context["action"], context["resource"]) == ("ec2:RunInstances", instance)
    user = house.client("iam").get_user(UserName="ann")["User"]
    assert context["principal"] == {"id": user["UserId"], "name": "ann", "arn": ANN}
    keys = {
        item["key"]: [each["value"] for each in item["values"]["items"]]
        for item in context["conditions"]["items"]
    }
    assert keys["ec2:InstanceType"] == ["t3.micro"]
    assert keys["aws:Type"] == ["instance"]


def test_the_statement_that_denies_is_in_the_message(house: House) -> None:
    small = {"StringNotEquals": {"ec2:InstanceType": "t3.nano"}}
    deny = statement("ec2:Run*", "arn:aws:ec2:*:*:instance/*", "Deny", Sid="SmallOnly", Condition=small)
    house.user("ann", statement("*", "*"), deny)
    _, encoded = refused(house)
    told = decoded(house, encoded)
    assert told["explicitDeny"] is True
    (matched,) = told["matchedStatements"]["items"]
    assert (matched["statementId"], matched["effect"]) == ("SmallOnly", "DENY")
    assert matched["actions"]["items"] == [{"value": "ec2:Run*"}]
    assert matched["conditions"]["items"] == [
        {"key": "ec2:InstanceType", "values": {"items": [{"value": "t3.nano"}]}}
    ]


def test_a_listing_that_is_refused_has_no_message(house: House) -> None:
    house.user("ann")
    _, _, message = denied(house.client("ec2", "ann").describe_vpcs)
    assert message == (
        f"You are not authorized to perform this operation. User: {ANN} is not authorized to perform: "
        "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action"
    )


def test_decoding_needs_a_permission(house: House) -> None:
    house.user("ann")
    _, encoded = refused(house)
    sts = house.client("sts", "ann")
    assert code(sts.decode_authorization_message, EncodedMessage=encoded) == "AccessDenied"
    document = policy(statement("sts:DecodeAuthorizationMessage", "*"))
    house.client("iam").put_user_policy(UserName="ann", PolicyName="d", PolicyDocument=document)
    assert code(sts.decode_authorization_message, EncodedMessage=encoded) == ""


def test_what_was_not_sealed_here_is_not_opened(house: House) -> None:
    house.user("ann")
    _, encoded = refused(house)
    sts = house.client("sts")
    changed = ("A" if encoded[40] != "A" else "B").join((encoded[:40], encoded[41:]))
    for text in ("x", "nonsense!", changed, encoded[:-8]):
        assert denied(sts.decode_authorization_message, EncodedMessage=text)[:2] == (
            "InvalidAuthorizationMessageException",
            400,
        )


def test_a_message_is_sealed(house: House) -> None:
    house.user("ann")
    _, encoded = refused(house)
    held = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    assert b"RunInstances" not in held
    # Nor is it only packed.
    with pytest.raises(zlib.error):
        zlib.decompress(held[16:])


@settings(derandomize=True, max_examples=100, deadline=None)
@given(plain=st.binary(max_size=300), secret=st.binary(max_size=40), other=st.binary(max_size=40))
def test_a_seal_opens_with_its_own_secret_only(plain: bytes, secret: bytes, other: bytes) -> None:
    text = _seal(plain, secret)
    assert _open(text, secret) == plain
    if other != secret:
        assert _open(text, other) is None
