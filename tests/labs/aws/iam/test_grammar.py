from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import parse_policy
from labs.aws.iam.operators import OPERATORS
from labs.errors import PolicyError

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def policy(**changes: Any) -> dict[str, Any]:
    """A policy of one good statement, with some elements changed; None removes one."""
    statement = {key: value for key, value in (ALLOW | changes).items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def fault_of(document: Any, **options: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        parse_policy(document, **options)
    assert caught.value.title
    assert caught.value.detail
    assert caught.value.hint
    return caught.value


def test_text_and_value_give_the_same_policy() -> None:
    assert parse_policy(json.dumps(policy())) == parse_policy(policy())


def test_a_policy_keeps_its_name_and_document() -> None:
    read = parse_policy(policy(Sid="Read"), name="alice/inline/read")
    assert read.name == "alice/inline/read"
    assert read.document == policy(Sid="Read")
    assert [(each.index, each.label, each.effect) for each in read.statements] == [(1, "Read", "Allow")]


def test_an_empty_sid_counts_as_none() -> None:
    assert parse_policy(policy(Sid="")).statements[0].label == "1"


def test_the_version_defaults_to_the_old_one() -> None:
    assert parse_policy({"Statement": []}).version == "2008-10-17"


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("prefix", ["", "ForAllValues:", "ForAnyValue:"])
@pytest.mark.parametrize("suffix", ["", "IfExists"])
def test_every_operator_takes_its_prefixes_and_suffix(operator: str, prefix: str, suffix: str) -> None:
    document = policy(Condition={f"{prefix}{operator}{suffix}": {"aws:TagKeys": "x"}})
    if operator == "Null" and suffix:
        assert "Null asks whether a key exists" in fault_of(document).hint
    else:
        assert (
            parse_policy(document).statements[0].conditions[0].label
            == f"{prefix}{operator}{suffix} aws:TagKeys"
        )


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ([], "", "a list"),
        ({}, "", "no Statement"),
        ({"Statements": []}, "Statements", "Did you mean Statement?"),
        ({"Version": "2020-01-01", "Statement": []}, "Version", "2012-10-17"),
        ({"Version": 2012, "Statement": []}, "Version", "a number"),
        ({"Id": 7, "Statement": []}, "Id", "a number"),
        ({"Statement": "Allow"}, "Statement", "a text"),
        ({"Statement": ["Allow"]}, "Statement[0]", "a text"),
        ({"Statement": [ALLOW, None]}, "Statement[1]", "null"),
        (policy(Actions="s3:*"), "Statement[0].Actions", "Did you mean Action?"),
        (policy(action="s3:*"), "Statement[0].action", "Did you mean Action?"),
        (policy(Effect=None), "Statement[0]", "no Effect"),
        (policy(Effect="allow"), "Statement[0].Effect", '"allow"'),
        (policy(Effect=["Allow"]), "Statement[0].Effect", "a list"),
        (policy(Sid=1), "Statement[0].Sid", "a number"),
        (policy(Action=None), "Statement[0]", "no Action"),
        (policy(NotAction="s3:*"), "Statement[0]", "Action and NotAction"),
        (policy(Action="GetObject"), "Statement[0].Action", '"s3:GetObject"'),
        (policy(Action=["s3:Get*", "s3"]), "Statement[0].Action[1]", '"s3"'),
        (policy(Action="s*:GetObject"), "Statement[0].Action", "wildcard"),
        (policy(Action=[]), "Statement[0].Action", "empty"),
        (policy(Action=[["s3:*"]]), "Statement[0].Action[0]", "a list"),
        (policy(Resource=None), "Statement[0]", "no Resource"),
        (policy(Resource="bucket"), "Statement[0].Resource", '"bucket"'),
        (policy(Resource=["*", ""]), "Statement[0].Resource[1]", "ARN or *"),
        (policy(Resource="arn:aws:*:::b"), "Statement[0].Resource", "service"),
        (policy(Resource={"Ref": "b"}), "Statement[0].Resource", "an object"),
        (policy(NotResource="*"), "Statement[0]", "Resource and NotResource"),
        (policy(Principal="alice"), "Statement[0].Principal", "only be *"),
        (policy(Principal={}), "Statement[0].Principal", "nobody"),
        (policy(Principal={"Aws": "*"}), "Statement[0].Principal.Aws", "Did you mean AWS?"),
        (policy(Principal=["*"]), "Statement[0].Principal", "a list"),
        (policy(Principal={"AWS": [1]}), "Statement[0].Principal.AWS[0]", "a number"),
        (policy(Principal={"AWS": "alice"}), "Statement[0].Principal.AWS", "the whole ARN"),
        (policy(Principal={"AWS": ["*", "12345678901"]}), "Statement[0].Principal.AWS[1]", "this has 11"),
        (
            policy(Principal={"AWS": "arn:aws:iam:123456789012:user/bob"}),
            "Statement[0].Principal.AWS",
            "Did you mean arn:aws:iam::123456789012:user/bob?",
        ),
        (policy(Condition=[]), "Statement[0].Condition", "a list"),
        (policy(Condition={"StrEquals": {"a:b": "c"}}), "Statement[0].Condition.StrEquals", "StringEquals?"),
        (policy(Condition={"Matches": {}}), "Statement[0].Condition.Matches", "families"),
        (
            policy(Condition={"ForAllValue:StringLike": {}}),
            "Statement[0].Condition.ForAllValue:StringLike",
            "ForAllValues:StringLike?",
        ),
        (policy(Condition={"Bool": True}), "Statement[0].Condition.Bool", "true or false"),
        (policy(Condition={"Bool": {"mfa": True}}), "Statement[0].Condition.Bool.mfa", "aws:SourceIp"),
        (
            policy(Condition={"StringEquals": {"aws:username": {"a": 1}}}),
            "Statement[0].Condition.StringEquals.aws:username",
            "an object",
        ),
        (policy(Action="s3:" + "x" * 5000), "Statement[0].Action", "5,003"),
    ],
)  # fmt: skip
def test_a_fault_has_a_path_and_a_repair(document: Any, path: str, said: str) -> None:
    fault = fault_of(document)
    assert fault.path == path
    assert said in f"{fault.title} {fault.detail} {fault.hint}"
    assert fault.as_json()["path"] == path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("{", "Line 1, column 2"),
        ('{"Statement": [],}', "comma"),
        ('{"Statement": [1 2]}', "commas"),
        ('{"Version": "2012-10-17" "Statement": []}', "comma is missing"),
        ("{'Statement': []}", 'JSON quotes with "'),
        ('{"Statement": [] // none\n}', "no comments"),
        ('{"Statement": NaN}', "NaN"),
        ('{"Statement": [], "Statement": []}', "2 times"),
        ("[" * 100_000, "characters"),
        ("[" * 30_000, "deeply"),
        ('{"Statement": ' + "9" * 10_000 + "}", "digits"),
        ('{"Id": "' + "x" * 1_000_000 + '"}', "32,768"),
    ],
)
def test_text_that_is_no_json_says_where_and_how_to_repair(text: str, said: str) -> None:
    fault = fault_of(text)
    assert said in f"{fault.title} {fault.detail} {fault.hint}"


def test_white_space_does_not_count_towards_the_size() -> None:
    assert parse_policy(json.dumps(policy()) + " " * 1_000_000)


def test_a_sid_is_used_once() -> None:
    fault = fault_of({"Statement": [ALLOW | {"Sid": "A"}, ALLOW | {"Sid": "A"}]})
    assert fault.path == "Statement[1].Sid"
    assert "Statement[0]" in fault.detail


@pytest.mark.parametrize(
    ("kind", "changes", "path"),
    [
        ("identity", {"Principal": "*"}, "Statement[0].Principal"),
        ("identity", {"NotPrincipal": {"AWS": "*"}}, "Statement[0].NotPrincipal"),
        ("identity", {"Sid": "read only"}, "Statement[0].Sid"),
        ("identity", {"Resource": None}, "Statement[0]"),
        ("resource", {}, "Statement[0]"),
        ("trust", {}, "Statement[0]"),
        ("trust", {"Principal": "*"}, "Statement[0].Resource"),
        ("session", {"Principal": "*"}, "Statement[0].Principal"),
        ("session", {"Resource": "arn:aws:sqs"}, "Statement[0].Resource"),
        ("resource", {"Principal": "*", "Resource": "arn:aws:s3:b"}, "Statement[0].Resource"),
    ],
)
def test_each_type_of_policy_has_its_own_rules(kind: Any, changes: dict[str, Any], path: str) -> None:
    assert fault_of(policy(**changes), type=kind).path == path


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("identity", {"Sid": "Read1"}),
        ("resource", {"Principal": "*", "Sid": "any sign, here"}),
        (
            "trust",
            {"Principal": {"Service": "ec2.amazonaws.com"}, "Resource": None, "Action": "sts:AssumeRole"},
        ),
        ("resource", {"Principal": {"AWS": ["123456789012", "*"], "Service": "s3.amazonaws.com"}}),
        ("resource", {"NotPrincipal": {"Federated": "accounts.google.com"}}),
    ],
)
def test_each_type_of_policy_is_taken(kind: Any, changes: dict[str, Any]) -> None:
    assert parse_policy(policy(**changes), type=kind).statements


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("arn:aws:sqs", "arn:aws:sqs:*:*:*"),
        ("arn:aws:sqs:us-east-1", "arn:aws:sqs:us-east-1:*:*"),
        ("arn:aws:sqs:*:q1", "arn:aws:sqs:*:q1"),
        ("arn:aws:s3:*", "arn:aws:s3:*"),
        ("arn:aws:s3:::b", "arn:aws:s3:::b"),
        ("*", "*"),
    ],
)
def test_an_arn_that_ends_early_is_completed(text: str, completed: str) -> None:
    resource = parse_policy(policy(Resource=text), type="identity").statements[0].resource
    assert resource is not None
    assert resource.texts == (completed,)


@pytest.mark.parametrize(
    "text", ["*", "123456789012", "AIDAEXAMPLEDELETEDUSER", "arn:aws:iam::123456789012:user/*"]
)
def test_what_aws_keeps_in_place_of_a_principal_is_taken(text: str) -> None:
    assert parse_policy(policy(Principal={"AWS": text}), type="resource").statements


def check_that_errors_help(source: Any) -> None:
    fault = None
    try:
        parse_policy(source)
    except PolicyError as raised:
        fault = raised
    assert fault is None or (fault.title and fault.hint)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
words = st.sampled_from(
    ["Allow", "Deny", "*", "s3:*", "arn:aws:s3:::b/${aws:username}", "StringLike", "aws:username"]
)
near_policies = st.fixed_dictionaries(
    {},
    optional={
        "Version": words | st.sampled_from(["2012-10-17"]) | json_values,
        "Id": json_values,
        "Statement": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "Sid": words | json_values,
                    "Effect": words | json_values,
                    "Principal": words | json_values | st.dictionaries(st.sampled_from(["AWS", "x"]), words),
                    "Action": words | json_values,
                    "NotAction": words,
                    "Resource": words | json_values,
                    "Condition": st.dictionaries(
                        st.sampled_from(list(OPERATORS)) | st.text(max_size=5),
                        st.dictionaries(words, json_values, max_size=3) | json_values,
                        max_size=3,
                    ),
                },
            ),
            max_size=3,
        )
        | json_values,
    },
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(near_policies | json_values)
def test_any_value_is_a_policy_or_an_error_with_a_repair(document: Any) -> None:
    check_that_errors_help(document)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text() | json_values.map(lambda value: json.dumps(value)[:-1]))
def test_any_text_is_a_policy_or_an_error_with_a_repair(text: str) -> None:
    check_that_errors_help(text)


def test_nesting_of_a_value_is_no_trouble() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for document in (
        deep,
        {"Statement": deep},
        policy(Action=deep),
        policy(Condition={"Bool": {"a:b": deep}}),
    ):
        fault_of(document)
