"""Whatever the document is, the lint gives findings: no traceback, and no hang."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam.lint import KINDS, Finding, lint

anything = settings(max_examples=150, deadline=None, derandomize=True)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(
        ["*", "s3:*", "s3:GetObject", "arn:aws:s3:::b/${aws:username}", "\ud800", "2012-10-17"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
texts = st.sampled_from(
    [
        *(
            "*",
            "s3:*",
            "s3:Get?bject",
            "iam:PassRole",
            "zz:Yes",
            "111111111111",
            "ec2.amazonaws.com",
            "\udfff",
            "",
        ),
        *("arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:x", "arn::::::", "arn:aws:ec2:*:*:*/*"),
        "arn:aws:iam::111111111111:user/*",
    ]
)
lists = texts | st.lists(texts, max_size=3) | values
conditions = st.dictionaries(
    st.sampled_from(
        ["StringEquals", "ForAllValues:StringLike", "IpAddress", "Null", "DateLessThan", "Bool", "?"]
    ),
    st.dictionaries(
        st.sampled_from(
            ["aws:TagKeys", "aws:SourceIp", "s3:prefix", "aws:nope", "x", "kms:EncryptionContext:a"]
        ),
        lists,
        max_size=2,
    )
    | values,
    max_size=3,
)
statements = st.fixed_dictionaries(
    {},
    optional={
        "Sid": lists,
        "Effect": st.sampled_from(["Allow", "Deny"]) | values,
        "Principal": lists | st.dictionaries(st.sampled_from(["AWS", "Service", "Federated", "x"]), lists),
        "NotPrincipal": lists,
        "Action": lists,
        "NotAction": lists,
        "Resource": lists,
        "NotResource": lists,
        "Condition": conditions | values,
    },
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "Version": st.sampled_from(["2012-10-17", "2008-10-17"]) | values,
        "Id": values,
        "Statement": statements | st.lists(statements, max_size=4) | values,
    },
)
kinds = st.none() | st.sampled_from(KINDS)


def check(source: Any, kind: str | None) -> None:
    for each in lint(source, kind):
        assert isinstance(each, Finding)
        assert each.sentence
        assert each.repair
        json.dumps(each.as_json())


@anything
@given(documents | values, kinds)
def test_any_value_has_findings(document: Any, kind: str | None) -> None:
    check(document, kind)


@anything
@given(documents.map(json.dumps) | st.text(), kinds, st.integers(0, 200), st.text(max_size=3))
def test_any_text_has_findings(text: str, kind: str | None, place: int, noise: str) -> None:
    check(text[:place] + noise + text[place:], kind)


def deep(times: int) -> Any:
    value: Any = "x"
    for _ in range(times):
        value = [value]
    return value


HUGE: dict[str, Any] = {
    "nothing": "",
    "brackets": "[" * 30_000,
    "a long word": "x" * 1_000_000,
    "a long statement": '{"Statement": "' + "x" * 1_000_000 + '"}',
    "not a number": '{"Statement": NaN}',
    "infinity": '{"Statement": 1e999}',
    "digits": '{"Statement": ' + "9" * 5_000 + "}",
    "two statements": '{"Statement": [], "Statement": []}',
    "two effects": '{"Statement": {"Effect": "Allow", "Effect": "Deny"}}',
    "depth": {"Statement": deep(100_000)},
    "a long action": {"Statement": [{"Effect": "Allow", "Action": "x" * 1_000_000, "Resource": "*"}]},
    "many statements": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}] * 20_000},
    "no JSON": {"Statement": {"Effect": "Allow", "Action": {1, 2}, "Resource": object()}},
    "a number as a name": {1: 2},
    "half a character": "\ud800",
}


@pytest.mark.parametrize("source", HUGE.values(), ids=HUGE.keys())
def test_what_is_huge_deep_or_strange_has_findings(source: Any) -> None:
    assert lint(source)
    check(source, "managed")


INSTANCE = "arn:aws:ec2:us-east-1:111111111111:instance/i-{:08x}"


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": [f"ec2:DescribeInstance{number}" for number in range(1200)], "Resource": "*"},
        {"Action": "ec2:*", "Resource": [INSTANCE.format(number) for number in range(400)]},
        {"Action": "s3:*", "Resource": ["arn:aws:s3:::" + "*a" * 2000] * 7},
    ],
    ids=["many actions", "many resources", "many wildcards"],
)
def test_the_largest_policies_are_looked_through(statement: dict[str, Any]) -> None:
    check({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}}, "key")
