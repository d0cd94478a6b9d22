"""Policy documents out of moto's state, and several of them made into one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import PolicySet, Principal, Request, evaluate, parse_policy
from labs.sandbox.documents import NO_STATEMENTS, joined, parsed

ANN = Principal.parse("arn:aws:iam::123456789012:user/ann")


def allowed(policy: Any, action: str, resource: str = "arn:aws:s3:::b/k") -> bool:
    return evaluate(Request(ANN, action, resource), PolicySet(identity=(policy,))).allowed


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def test_a_document_is_parsed_once_by_its_text() -> None:
    assert parsed(document(allow("s3:*")), "p") is parsed(document(allow("s3:*")), "p")
    assert parsed(json.loads(document(allow("s3:*"))), "p").statements[0].effect == "Allow"


def test_a_document_that_is_not_valid_says_nothing_and_shows_why() -> None:
    broken = parsed("{", "p")
    assert "not valid" in broken.name
    assert not allowed(broken, "s3:GetObject")
    assert not allowed(parsed(NO_STATEMENTS, "none"), "s3:GetObject")


def test_sids_that_two_documents_share_do_not_clash() -> None:
    one, two = (parsed(document(allow(action, Sid="Mine")), "p") for action in ("s3:Get*", "sqs:*"))
    both = joined([one, two], "both")
    assert allowed(both, "s3:GetObject")
    assert allowed(both, "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q")


def test_one_document_is_left_as_it_is() -> None:
    one = parsed(document(allow("s3:*")), "p")
    assert joined([one], "both") is one


def test_what_is_no_variable_in_an_old_document_is_none_in_the_new_one() -> None:
    home = "arn:aws:s3:::b/${aws:username}/x"
    old = parsed(document(allow("s3:GetObject", home), version="2008-10-17"), "old")
    both = joined([old, parsed(document(allow("sqs:*")), "new")], "both")
    assert not allowed(both, "s3:GetObject", "arn:aws:s3:::b/ann/x")
    assert allowed(both, "s3:GetObject", home)


STATEMENTS = st.builds(
    allow,
    st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "sqs:*", "*"]),
    st.sampled_from(["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}*"]),
    st.sampled_from(["Allow", "Deny"]),
)
DOCUMENTS = st.builds(
    lambda statements, version: document(*statements, version=version),
    st.lists(STATEMENTS, min_size=1, max_size=3),
    st.sampled_from(["2012-10-17", "2008-10-17"]),
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    documents=st.lists(DOCUMENTS, min_size=1, max_size=3),
    action=st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]),
    resource=st.sampled_from(["arn:aws:s3:::b/k", "arn:aws:s3:::b/ann", "arn:aws:s3:::b/${aws:username}x"]),
)
def test_joined_documents_decide_as_they_do_side_by_side(
    documents: list[str], action: str, resource: str
) -> None:
    policies = [parse_policy(text, name=f"p{place}") for place, text in enumerate(documents)]
    request = Request(ANN, action, resource)
    apart = evaluate(request, PolicySet(identity=tuple(policies)))
    together = evaluate(request, PolicySet(identity=(joined(policies, "together"),)))
    assert apart.outcome is together.outcome
