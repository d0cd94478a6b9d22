"""Laws that hold whatever the policies say."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import (
    Outcome,
    Policy,
    PolicySet,
    Principal,
    PrincipalKind,
    Request,
    case_from_json,
    case_to_json,
    decision_to_json,
    evaluate,
    explain,
    parse_policy,
)

laws = settings(max_examples=100, deadline=None, derandomize=True)

ACCOUNT = "111111111111"
PRINCIPALS = [
    f"arn:aws:iam::{ACCOUNT}:user/alice",
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s",
    f"arn:aws:sts::{ACCOUNT}:federated-user/fay",
    "arn:aws:iam::222222222222:user/ben",
    "anonymous",
    "ec2.amazonaws.com",
    f"arn:aws:iam::{ACCOUNT}:saml-provider/corp",
]
ACTIONS = ["s3:GetObject", "s3:ListBucket", "kms:Decrypt", "sts:AssumeRole", "ec2:RunInstances"]
RESOURCES = [
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/alice/k",
    f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
    f"arn:aws:iam::{ACCOUNT}:role/app",
    "*",
]
conditions = st.fixed_dictionaries(
    {},
    optional={
        "StringEquals": st.just({"aws:username": "alice"}),
        "StringNotLike": st.just({"aws:PrincipalTag/team": ["red", "b*"]}),
        "ForAllValues:StringEquals": st.just({"aws:TagKeys": ["a", "b"]}),
        "ForAnyValue:StringNotEquals": st.just({"aws:TagKeys": "a"}),
        "BoolIfExists": st.just({"aws:SecureTransport": "true"}),
        "Null": st.just({"aws:TagKeys": "false"}),
        "IpAddress": st.just({"aws:SourceIp": "10.0.0.0/8"}),
    },
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "aws:SourceIp": st.sampled_from(["10.1.2.3", "192.0.2.1", "::1", "nonsense"]),
        "aws:PrincipalTag/team": st.sampled_from(["red", "blue", ""]),
        "aws:TagKeys": st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=3).map(tuple),
        "aws:SecureTransport": st.booleans(),
    },
)
requests = st.builds(
    Request,
    st.sampled_from(PRINCIPALS).map(Principal.parse),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.none() | st.just(ACCOUNT),
    contexts,
)


def statements(effect: st.SearchStrategy[str], *, principal: bool) -> st.SearchStrategy[dict[str, Any]]:
    elements: dict[str, st.SearchStrategy[Any]] = {
        "Effect": effect,
        "Action": st.sampled_from(["*", "s3:*", "S3:get*", ["s3:ListBucket", "kms:*"], "sts:AssumeRole"]),
        "Resource": st.sampled_from(
            ["*", RESOURCES[0], "arn:aws:s3:::b/${aws:username}/*", ["arn:aws:s3:::b/*", RESOURCES[3]]]
        ),
        "Condition": conditions,
    }
    if principal:
        elements["Principal"] = st.sampled_from(
            [
                "*",
                {"AWS": ACCOUNT},
                {"AWS": PRINCIPALS[0]},
                {"AWS": [PRINCIPALS[2], RESOURCES[3]]},
                {"Service": "ec2.amazonaws.com", "Federated": PRINCIPALS[7]},
            ]
        )
    turned = st.sets(
        st.sampled_from(["Action", "Resource", *(["Principal"] if principal else [])]), max_size=1
    )
    return st.builds(negated, st.fixed_dictionaries(elements), turned)


def negated(statement: dict[str, Any], elements: set[str]) -> dict[str, Any]:
    """The statement with some of its elements in their Not form."""
    return {f"Not{key}" if key in elements else key: value for key, value in statement.items()}


effects = st.sampled_from(["Allow", "Allow", "Deny"])


def policies(*, principal: bool = False) -> st.SearchStrategy[Policy]:
    return st.lists(statements(effects, principal=principal), max_size=4).map(
        lambda written: parse_policy({"Version": "2012-10-17", "Statement": list(written)})
    )


levels = st.lists(st.lists(policies(), min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)
policy_sets = st.builds(
    PolicySet,
    identity=st.lists(policies(), max_size=3).map(tuple),
    resource=st.none() | policies(principal=True),
    boundary=st.none() | policies(),
    session=st.none() | policies(),
    scps=st.just(()) | levels,
    rcps=st.just(()) | levels,
    endpoint=st.none() | policies(principal=True),
    management=st.none() | st.just(ACCOUNT),
)
PLACES = ("identity", "resource", "boundary", "session", "scps", "rcps", "endpoint")


def rewritten(policies: PolicySet, place: str, change: Any) -> PolicySet | None:
    """The set with the statements at one place changed by `change`; None when no policy is there."""

    def again(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(again(each) for each in value)
        document: dict[str, Any] = copy.deepcopy(dict(value.document))
        change(document["Statement"])
        return parse_policy(document, value.name)

    value = getattr(policies, place)
    return replace(policies, **{place: again(value)}) if value else None


@laws
@given(requests, policy_sets)
def test_evaluate_and_explain_agree(request: Request, policies: PolicySet) -> None:
    quick, slow = evaluate(request, policies), explain(request, policies)
    assert (quick.outcome, quick.stage, quick.policy, quick.statement, quick.reason) == (
        slow.outcome,
        slow.stage,
        slow.policy,
        slow.statement,
        slow.reason,
    )
    assert len(slow.trace) == 7


@laws
@given(requests, policy_sets, st.sampled_from(PLACES), st.data())
def test_adding_an_allow_never_takes_away(
    request: Request, policies: PolicySet, place: str, data: st.DataObject
) -> None:
    extra = data.draw(statements(st.just("Allow"), principal=place in ("resource", "endpoint")))
    wider = rewritten(policies, place, lambda statements: statements.append(extra))
    if wider and evaluate(request, policies).allowed:
        assert evaluate(request, wider).allowed


@laws
@given(requests, policy_sets, st.sampled_from(PLACES), st.data())
def test_adding_a_deny_never_grants(
    request: Request, policies: PolicySet, place: str, data: st.DataObject
) -> None:
    extra = data.draw(statements(st.just("Deny"), principal=place in ("resource", "endpoint")))
    narrower = rewritten(policies, place, lambda statements: statements.insert(0, extra))
    if narrower and not evaluate(request, policies).allowed:
        assert not evaluate(request, narrower).allowed


@laws
@given(requests, policy_sets, st.sampled_from(PLACES), st.randoms(use_true_random=False))
def test_the_order_of_statements_and_policies_never_matters(
    request: Request, policies: PolicySet, place: str, shuffler: random.Random
) -> None:
    shuffled = rewritten(policies, place, shuffler.shuffle)
    if shuffled:
        mixed = list(shuffled.identity)
        shuffler.shuffle(mixed)
        shuffled = replace(shuffled, identity=tuple(mixed))
        before, after = evaluate(request, policies), evaluate(request, shuffled)
        assert (before.outcome, before.stage) == (after.outcome, after.stage)


@laws
@given(requests, policy_sets, st.sampled_from(PLACES))
def test_a_sid_changes_nothing_but_its_name(request: Request, policies: PolicySet, place: str) -> None:
    def name(statements: list[dict[str, Any]]) -> None:
        for number, statement in enumerate(statements):
            statement["Sid"] = f"S{number}"

    named = rewritten(policies, place, name)
    if named:
        before, after = evaluate(request, policies), evaluate(request, named)
        assert (before.outcome, before.stage, before.policy) == (after.outcome, after.stage, after.policy)
        number = (after.statement or "").removeprefix("S")
        assert before.statement == after.statement or before.statement == str(int(number) + 1)


@laws
@given(requests, policy_sets, st.sampled_from(["scps", "rcps", "boundary", "session", "endpoint"]))
def test_what_only_limits_never_grants(request: Request, policies: PolicySet, place: str) -> None:
    nothing: Any = () if place in ("scps", "rcps") else None
    without = replace(policies, **{place: nothing})
    if request.principal.kind is PrincipalKind.FEDERATED:
        return  # without a session policy a federated user may do nothing
    if evaluate(request, policies).allowed:
        assert evaluate(request, without).allowed


@laws
@given(requests, policy_sets)
def test_organizations_bind_nothing_of_the_management_account(request: Request, policies: PolicySet) -> None:
    bare = replace(policies, scps=(), rcps=())
    if request.owner == request.principal.account:
        at_home = replace(policies, management=request.owner)
        assert evaluate(request, at_home).outcome is evaluate(request, bare).outcome


@laws
@given(requests, policy_sets)
def test_every_trace_accounts_for_its_decision(request: Request, policies: PolicySet) -> None:
    decision = explain(request, policies)
    verdicts = [stage.verdict for stage in decision.trace]
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        assert "denies" in verdicts
    else:
        assert "denies" not in verdicts
    for stage in decision.trace:
        for policy in stage.policies:
            for statement in policy.statements:
                assert statement.matched is all(element.matched for element in statement.elements)
                assert all(element.why for element in statement.elements)
    assert decision.reason.endswith(".")
    assert "\n" not in decision.reason


@laws
@given(requests, policy_sets)
def test_a_decision_is_portable_as_its_case(request: Request, policies: PolicySet) -> None:
    decision = explain(request, policies)
    again = explain(*case_from_json(case_to_json(request, policies)))
    assert decision_to_json(again) == decision_to_json(decision)
