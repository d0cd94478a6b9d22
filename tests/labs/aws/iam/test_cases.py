from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import PolicySet, Principal, Request, case_from_json, case_to_json, parse_policy
from labs.errors import InputError, SkylabError

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
CASE: dict[str, Any] = {
    "id": "x1",
    "request": {
        "principal": "arn:aws:iam::111111111111:user/a",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "resourceAccount": "111111111111",
        "context": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["a"], "aws:SecureTransport": True},
    },
    "identityPolicies": [POLICY],
    "boundary": POLICY,
    "sessionPolicy": POLICY,
    "scps": [[POLICY], [POLICY, POLICY]],
}


def test_the_form_of_the_contract_is_read() -> None:
    request, policies = case_from_json(CASE)
    assert request.value("aws:tagkeys") == ("a",)
    assert request.value("aws:securetransport") == "true"
    assert [len(level) for level in policies.scps] == [1, 2]
    assert policies.resource is None


def test_policies_without_names_are_called_by_their_place() -> None:
    _, policies = case_from_json(CASE)
    assert policies.identity[0].name == "identityPolicies[0]"
    assert policies.scps[1][1].name == "scps[1][1]"
    assert policies.boundary is not None
    assert policies.boundary.name == "boundary"


def test_an_issuer_must_be_the_role_or_the_user_behind_the_session() -> None:
    session = "arn:aws:sts::111111111111:assumed-role/app/s"
    right = {**CASE, "request": {**CASE["request"], "principal": session}}
    right["request"]["sessionIssuer"] = "arn:aws:iam::111111111111:role/team/app"
    assert case_from_json(right)[0].principal.role_arn == "arn:aws:iam::111111111111:role/team/app"
    right["request"]["sessionIssuer"] = "arn:aws:iam::111111111111:role/other"
    with pytest.raises(InputError, match="not who stands behind"):
        case_from_json(right)


def test_the_endpoint_policy_and_the_management_account_survive() -> None:
    everyone: Any = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}
    request, policies = case_from_json(
        {**CASE, "endpointPolicy": everyone, "managementAccount": "222222222222"}
    )
    written = case_to_json(request, policies)
    assert written["endpointPolicy"] == everyone
    assert written["managementAccount"] == "222222222222"
    assert case_from_json(written) == (request, policies)


def test_a_malformed_policy_is_named_by_its_place() -> None:
    with pytest.raises(InputError) as caught:
        case_from_json({**CASE, "scps": [[POLICY], [{"Statement": {"Effect": "allow"}}]]})
    assert caught.value.detail.startswith("scps[1][0]: At Statement.Effect:")


def test_names_and_issuer_survive() -> None:
    request = Request(Principal.session("arn:aws:iam::111111111111:role/team/app", "s"), "s3:GetObject", "*")
    policies = PolicySet(
        identity=(parse_policy(POLICY, "app/inline/x"),), rcps=((parse_policy(POLICY, "RCPFullAWSAccess"),),)
    )
    written = case_to_json(request, policies)
    assert written["names"] == {"identityPolicies": ["app/inline/x"], "rcps": [["RCPFullAWSAccess"]]}
    again, same = case_from_json(written)
    assert again.principal.role_arn == "arn:aws:iam::111111111111:role/team/app"
    assert same.rcps[0][0].name == "RCPFullAWSAccess"


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("request",), None, "request is not a JSON object"),
        (("request", "principal"), None, "no principal"),
        (("request", "principal"), "alice", "kind of principal"),
        (("request", "action"), "", "no action"),
        (("request", "action"), 5, "no action"),
        (("request", "resource"), "x" * 1_000_000, "too long"),
        (("request", "resourceAccount"), 111111111111, "resourceAccount"),
        (("request", "context"), [], "request.context is not"),
        (("request", "context", "aws:SourceIp"), None, "aws:SourceIp"),
        (("request", "context", "aws:TagKeys"), [["a"]], "aws:TagKeys"),
        (("request", "acton"), "s3:GetObject", "Unknown key"),
        (("request", "action"), "GetObject", "action"),
        (("request", "action"), "s3:", "action"),
        (("request", "context", "AWS:SourceIP"), "10.0.0.2", "given twice"),
        (("request", "context", "a:n"), 10**200, "a:n"),
        (("request", "context", "a:n"), float("nan"), "a:n"),
        (("request", "sessionIssuer"), "arn:aws:iam::111111111111:role/app", "sessionIssuer"),
        (("request", "sessionIssuer"), 5, "no sessionIssuer"),
        (("managementAccount",), 111111111111, "managementAccount"),
        (("names",), [], "names"),
        (("identityPolicy",), POLICY, "Unknown key"),
        (("identityPolicies",), POLICY, "not a list"),
        (("identityPolicies",), ["{}"], "not a policy"),
        (("scps",), [POLICY], "scps[0] is not a list"),
        (("boundary",), {"Statement": [{"Effect": "Allow"}]}, "no Action"),
        (("resourcePolicy",), POLICY, "no Principal"),
        (("identityPolicies",), [{"Statement": {"Effect": "Allow", "Principal": "*"}}], "has no Principal"),
    ],
)
def test_a_bad_case_says_what_is_wrong(place: tuple[str, ...], value: Any, said: str) -> None:
    case = copy.deepcopy(CASE)
    inside = case
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    with pytest.raises(InputError) as caught:
        case_from_json(case)
    assert said in caught.value.title
    assert caught.value.hint


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CASE, "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.sampled_from(list(CASE)), junk),
    st.dictionaries(st.sampled_from(list(CASE["request"])), junk),
)
def test_any_value_is_a_case_or_an_error(changes: dict[str, Any], asked: dict[str, Any]) -> None:
    fault = None
    try:
        case_from_json({**CASE, "request": {**CASE["request"], **asked}, **changes})
    except SkylabError as raised:
        fault = raised
    assert fault is None or (fault.title and fault.hint)
