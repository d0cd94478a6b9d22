"""Questions besides comparison: what is allowed at all, what is new, and who can."""

from __future__ import annotations

from typing import Any

import pytest

from labs.aws.iam import Policy, PolicySet, Request, evaluate, parse_policy
from labs.aws.iam.prover import allows_any, new_access, who_can
from labs.errors import InputError

READ: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
LIST: dict[str, Any] = {"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}
ALICE = "arn:aws:iam::111111111111:user/alice"


def policy(*statements: dict[str, Any]) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)})


def callers(requests: tuple[Request, ...]) -> list[str]:
    return [request.principal.arn for request in requests]


def test_allowed_actions_come_with_a_request_and_others_with_none() -> None:
    found = allows_any(policy(READ, LIST), ["s3:GetObject", "s3:PutObject", "s3:Put*", "s3:ListBucket"])

    assert {action: request and request.resource for action, request in found.items()} == {
        "s3:GetObject": "arn:aws:s3:::b/x",
        "s3:PutObject": None,
        "s3:Put*": None,
        "s3:ListBucket": "arn:aws:s3:::x",
    }


def test_an_action_on_the_wrong_kind_of_resource_is_not_allowed() -> None:
    wrong = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b/*"}

    assert allows_any(policy(wrong), ["s3:ListBucket"]) == {"s3:ListBucket": None}


def test_a_deny_that_covers_everything_leaves_nothing() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}

    assert allows_any(policy(READ, deny), ["s3:GetObject"]) == {"s3:GetObject": None}


@pytest.mark.parametrize(
    ("action", "hint"),
    [("s3:GetObjekt", "s3:GetObject"), ("s4:GetObject", "spelling"), ("GetObject", "s3:GetObject")],
)
def test_an_action_that_aws_does_not_have_is_refused(action: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        allows_any(policy(READ), [action])

    assert hint in caught.value.hint


def test_new_access_names_the_statement_that_gives_it() -> None:
    more = {"Sid": "Write", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    [found] = new_access(policy(READ), policy(READ, more))

    assert (found.statement, found.request.action) == ("Write", "s3:PutObject")


def test_there_is_no_new_access_in_a_part_of_the_old() -> None:
    part = {**READ, "Resource": "arn:aws:s3:::b/data/*"}

    assert new_access(policy(READ, LIST), policy(part)) == ()


def test_access_that_a_deny_takes_back_is_not_new() -> None:
    more = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}

    assert new_access(policy(READ), policy(READ, more, deny)) == ()


def test_who_can_by_a_bucket_policy() -> None:
    public = {**READ, "Principal": {"AWS": [ALICE, "222222222222"], "Service": "ec2.amazonaws.com"}}
    found = who_can(policy(public), "s3:GetObject", "arn:aws:s3:::b/k")

    assert ALICE in callers(found)
    assert "ec2.amazonaws.com" in callers(found)
    assert "arn:aws:iam::222222222222:root" in callers(found)
    assert "anonymous" not in callers(found)
    assert all(request.resource == "arn:aws:s3:::b/k" for request in found)


def test_who_can_tells_what_it_takes() -> None:
    network = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    found = who_can(
        policy({**READ, "Principal": "*", "Condition": network}), "s3:GetObject", "arn:aws:s3:::b/k"
    )

    assert callers(found)[0] == "anonymous"
    assert {str(request.context["aws:SourceIp"]) for request in found} == {"10.0.0.1"}


def test_nobody_can_what_no_statement_is_about() -> None:
    assert who_can(policy({**READ, "Principal": "*"}), "s3:PutObject", "arn:aws:s3:::b/k") == ()
    assert who_can(policy({**READ, "Principal": "*"}), "s3:GetObject", "arn:aws:s3:::c/k") == ()


def test_who_can_among_principals_with_policies_of_their_own() -> None:
    own = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}
    bob = "arn:aws:iam::111111111111:user/bob"
    root = "arn:aws:iam::111111111111:root"
    policies = {ALICE: [policy(own)], bob: [policy(own), policy(LIST)], root: []}

    found = who_can(policies, "s3:GetObject", "arn:aws:s3:::b/alice/k")

    assert callers(found) == [ALICE, root]
    for request in found:
        assert evaluate(request, PolicySet(identity=tuple(policies[request.principal.arn]))).allowed
