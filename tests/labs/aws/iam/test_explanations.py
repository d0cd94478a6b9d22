from __future__ import annotations

from typing import Any

import pytest

from labs.aws.iam import (
    ElementTrace,
    Policy,
    PolicySet,
    Principal,
    Request,
    Stage,
    decision_to_json,
    evaluate,
    explain,
    parse_policy,
)

ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
BUCKET, KEY = "arn:aws:s3:::b", "arn:aws:s3:::b/k"


def policy(*statements: dict[str, Any], name: str = "alice/inline/read") -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, name)


def allow(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def elements_of(statement: dict[str, Any], request: Request) -> list[ElementTrace]:
    decision = explain(request, PolicySet(identity=(policy(statement),)))
    stage = next(each for each in decision.trace if each.stage is Stage.IDENTITY)
    return list(stage.policies[0].statements[0].elements)


def test_the_near_miss_is_named_with_what_it_names_and_what_was_asked() -> None:
    read = policy(allow(["s3:GetObject", "s3:ListBucket"], "arn:aws:s3:::b/*"))
    decision = evaluate(Request(ALICE, "s3:ListBucket", BUCKET), PolicySet(identity=(read,)))
    assert decision.reason == (
        "No identity-based policy allows s3:ListBucket on arn:aws:s3:::b; "
        "alice/inline/read statement 1 matches the action but names arn:aws:s3:::b/*; "
        "the request is for the bucket arn:aws:s3:::b."
    )


def test_the_nearest_of_several_statements_is_chosen() -> None:
    read = policy(
        allow("ec2:*"),
        allow("s3:GetObject", "arn:aws:s3:::c/*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        allow("s3:GetObject", "arn:aws:s3:::b/*", Sid="Near", Condition={"Null": {"aws:TagKeys": "false"}}),
    )
    decision = evaluate(Request(ALICE, "s3:GetObject", KEY), PolicySet(identity=(read,)))
    assert "statement Near matches the action and the resource but its condition fails" in decision.reason
    assert "the request has no aws:TagKeys" in decision.reason


def test_an_allow_and_a_deny_name_policy_and_statement() -> None:
    both = policy(allow(), {**allow("s3:DeleteObject"), "Effect": "Deny", "Sid": "Keep"})
    allowed = evaluate(Request(ALICE, "s3:GetObject", KEY), PolicySet(identity=(both,)))
    denied = evaluate(Request(ALICE, "s3:DeleteObject", KEY), PolicySet(identity=(both,)))
    assert (allowed.stage, allowed.policy, allowed.statement) == (Stage.IDENTITY, "alice/inline/read", "1")
    assert (denied.stage, denied.policy, denied.statement) == (Stage.IDENTITY, "alice/inline/read", "Keep")
    assert allowed.reason == (
        "alice/inline/read statement 1 (an identity-based policy) allows s3:GetObject on arn:aws:s3:::b/k."
    )
    assert "nothing lifts an explicit deny" in denied.reason


def test_a_long_resource_does_not_make_a_long_sentence() -> None:
    decision = evaluate(Request(ALICE, "s3:GetObject", KEY + "x" * 5000), PolicySet(identity=(policy(),)))
    assert len(decision.reason) < 500


def test_stages_stand_in_order_with_their_verdicts() -> None:
    decision = explain(
        Request(ALICE, "s3:GetObject", KEY),
        PolicySet(
            identity=(policy(allow()),),
            boundary=policy(allow("ec2:*"), name="edge"),
            session=policy(allow(), name="session"),
            scps=((policy(allow("*"), name="FullAWSAccess"),),),
        ),
    )
    assert [(each.stage, each.verdict) for each in decision.trace] == [
        (Stage.RCP, "absent"),
        (Stage.SCP, "allows"),
        (Stage.ENDPOINT, "absent"),
        (Stage.RESOURCE, "absent"),
        (Stage.IDENTITY, "allows"),
        (Stage.BOUNDARY, "silent"),
        (Stage.SESSION, "not reached"),
    ]
    assert decision.stage is Stage.BOUNDARY


@pytest.mark.parametrize(
    ("principal", "policies", "stage", "note"),
    [
        ("arn:aws:iam::111111111111:user/alice", {"management": "111111111111"}, Stage.SCP, "caller"),
        ("anonymous", {}, Stage.SCP, "caller"),
        ("111111111111", {}, Stage.BOUNDARY, "caller"),
        ("arn:aws:iam::111111111111:user/alice", {"management": "111111111111"}, Stage.RCP, "request"),
    ],
)
def test_policies_that_do_not_bind_are_said_not_to(
    principal: str, policies: dict[str, Any], stage: Stage, note: str
) -> None:
    full = policy(allow("*"), name="full")
    decision = explain(
        Request(Principal.parse(principal), "s3:GetObject", KEY),
        PolicySet(identity=(full,), boundary=full, scps=((full,),), rcps=((full,),), **policies),
    )
    found = next(each for each in decision.trace if each.stage is stage)
    assert (found.verdict, found.note) == ("absent", f"It does not bind this {note}.")


def test_a_silent_level_of_scps_is_noted() -> None:
    full, narrow = policy(allow("*"), name="full"), policy(allow("sqs:*"), name="narrow")
    decision = explain(
        Request(ALICE, "s3:GetObject", KEY),
        PolicySet(identity=(policy(allow()),), scps=((full,), (narrow,), (full,))),
    )
    scp = next(each for each in decision.trace if each.stage is Stage.SCP)
    assert (scp.verdict, scp.note) == ("silent", "Level 2 of 3 allows nothing here.")
    assert "narrow statement 1" in decision.reason


def test_every_element_is_shown_even_after_one_has_failed() -> None:
    request = Request(ALICE, "s3:ListBucket", BUCKET, context={"aws:SourceIp": "192.0.2.1"})
    shown = elements_of(
        allow("s3:GetObject", "arn:aws:s3:::b/*", Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}}),
        request,
    )
    assert [(each.element, each.label, each.matched) for each in shown] == [
        ("Action", "Action", False),
        ("Resource", "Resource", False),
        ("Condition", "IpAddress aws:SourceIp", False),
    ]
    assert (shown[2].expected, shown[2].actual) == (("10.0.0.0/8",), ("192.0.2.1",))
    assert shown[2].why == "aws:SourceIp is 192.0.2.1, which is not in 10.0.0.0/8"


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "matched", "why"),
    [
        ("StringEquals", "a", "a", True, "x:k is a, which is equal to a"),
        ("StringNotEquals", "a", "a", False, "x:k is a, which is equal to a"),
        ("StringNotEquals", "a", "b", True, "x:k is b, which is not equal to a"),
        ("StringNotEquals", "a", None, True, "the request has no x:k, and a negated operator then holds"),
        ("StringEqualsIfExists", "a", None, True, "the request has no x:k, and …IfExists then holds"),
        ("ForAllValues:StringEquals", "a", None, True, "the request has no x:k, and ForAllValues then holds"),
        ("ForAnyValue:Bool", True, None, False, "the request has no x:k, and ForAnyValue needs a value"),
        ("ForAllValues:StringEquals", ["a", "b"], ("a",), True, "every value of x:k is equal to a or b"),
        ("ForAllValues:StringNotEquals", "a", ("b", "a"), False, "a, a value of x:k, is equal to a"),
        ("ForAnyValue:StringLike", "a*", ("b", "ab"), True, "ab, a value of x:k, is like a*"),
        ("Bool", True, "false", False, "x:k is false, which is not true"),
        ("Null", "true", "a", False, "the request has x:k"),
        ("Null", "true", None, True, "the request has no x:k"),
        ("NumericLessThan", 5, "7", False, "x:k is 7, which is not less than 5"),
        ("DateGreaterThan", "2026-01", "2025-01", False, "x:k is 2025-01, which is not later than 2026-01"),
        ("StringEquals", "a", "", False, "x:k is empty, which is not equal to a"),
        ("StringEquals", [*"abcde"], "z", False, "x:k is z, which is not equal to a, b or 3 more"),
    ],
)  # fmt: skip
def test_a_condition_says_why(operator: str, wanted: Any, given: Any, matched: bool, why: str) -> None:
    context = {} if given is None else {"x:k": given}
    shown = elements_of(
        allow(Condition={operator: {"x:k": wanted}}), Request(ALICE, "s3:GetObject", KEY, None, context)
    )
    assert (shown[-1].matched, shown[-1].why) == (matched, why)


def test_the_json_form_has_the_agreed_keys() -> None:
    answer: Any = decision_to_json(
        explain(Request(ALICE, "s3:GetObject", KEY), PolicySet(identity=(policy(allow()),)))
    )
    assert answer["decision"] == "Allowed"
    assert set(answer) == {"decision", "reason", "stage", "policy", "statement", "trace"}
    identity = next(each for each in answer["trace"] if each["stage"] == "identity-based policy")
    assert identity["verdict"] == "allows"
    statement = identity["policies"][0]["statements"][0]
    assert (statement["index"], statement["effect"], statement["matched"]) == (1, "Allow", True)
    assert statement["elements"][0] == {
        "element": "Action",
        "label": "Action",
        "matched": True,
        "expected": ["s3:*"],
        "actual": ["s3:GetObject"],
        "why": "s3:* matches s3:GetObject",
    }


def test_a_decision_without_a_trace_has_none_in_json() -> None:
    assert "trace" not in decision_to_json(evaluate(Request(ALICE, "s3:GetObject", KEY), PolicySet()))
