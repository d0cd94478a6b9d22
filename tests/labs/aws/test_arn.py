from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws import reference
from labs.aws.arn import Arn, dissect
from labs.aws.services import SERVICES
from labs.errors import ArnError

part = st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), max_size=12)
filled = part.filter(bool)
arns = st.builds(Arn, filled, filled, part, part, st.text(min_size=1, max_size=30))


@settings(deadline=None, derandomize=True)
@given(arns)
def test_writing_and_reading_gives_the_same_arn(arn: Arn) -> None:
    assert Arn.parse(str(arn)) == arn


def test_the_resource_keeps_its_colons_and_slashes() -> None:
    arn = Arn.parse("arn:aws:logs:us-east-1:123456789012:log-group:/app/x:log-stream:s")
    assert (arn.region, arn.account) == ("us-east-1", "123456789012")
    assert arn.resource == "log-group:/app/x:log-stream:s"
    assert (arn.resource_type, arn.resource_id) == ("log-group", "/app/x:log-stream:s")


@pytest.mark.parametrize(
    ("text", "type_", "path", "name"),
    [
        ("arn:aws:iam::123456789012:role/team/data/app", "role", "/team/data/", "app"),
        ("arn:aws:iam::123456789012:user/ada", "user", "/", "ada"),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaRole", "policy", "/service-role/", "AWSLambdaRole"),
        ("arn:aws:iam::123456789012:root", "", "", "root"),
        ("arn:aws:sts::123456789012:assumed-role/app/session", "assumed-role", "", "session"),
        ("arn:aws:s3:::b", "bucket", "", "b"),
        ("arn:aws:s3:::b/a/key:with/colons", "object", "", "a/key:with/colons"),
        ("arn:aws:s3:us-east-1:123456789012:accesspoint/ap", "accesspoint", "", "ap"),
        ("arn:aws:sqs:us-east-1:123456789012:q", "queue", "", "q"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "function", "", "f"),
        ("arn:aws:ec2:us-east-1:123456789012:instance/i-0a", "instance", "", "i-0a"),
    ],
)
def test_the_resource_has_a_type_a_path_and_a_name(text: str, type_: str, path: str, name: str) -> None:
    arn = Arn.parse(text)
    assert (arn.resource_type, arn.path, arn.name) == (type_, path, name)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("arn:aws:s3:bucket", "arn:aws:s3:::bucket"),
        ("arn:aws:s3::bucket/key", "arn:aws:s3:::bucket/key"),
        ("arn:s3:::bucket", "arn:aws:s3:::bucket"),
        ("aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ("s3://bucket/a/b.csv", "arn:aws:s3:::bucket/a/b.csv"),
        ("https://bucket.s3.us-east-1.amazonaws.com/a", "arn:aws:s3:::bucket/a"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/q", "arn:aws:sqs:us-east-1:123456789012:q"),
        (' "arn:aws:s3:::b",', "arn:aws:s3:::b"),
        ("ARN:aws:s3:::b", "arn:aws:s3:::b"),
        ("123456789012", "arn:aws:iam::123456789012:root"),
        ("arn:aws:iam:123456789012:user/a", "arn:aws:iam::123456789012:user/a"),
    ],
)
def test_a_text_that_is_no_arn_is_refused_with_what_it_meant(text: str, meant: str) -> None:
    with pytest.raises(ArnError) as caught:
        Arn.parse(text)
    assert caught.value.title
    assert caught.value.hint == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    ("text", "part_", "said", "meant"),
    [
        # Misconceptions about ARNs, one by one.
        ("arn:aws:s3:us-east-1::b", "region", "unique in the partition", "arn:aws:s3:::b"),
        ("arn:aws:s3::123456789012:b", "account", "S3 writes none", "arn:aws:s3:::b"),
        (
            "arn:aws:iam:us-east-1:123456789012:user/a",
            "region",
            "global",
            "arn:aws:iam::123456789012:user/a",
        ),
        (
            "arn:aws:sqs:cn-north-1:123456789012:q",
            "partition",
            "aws-cn",
            "arn:aws-cn:sqs:cn-north-1:123456789012:q",
        ),
        ("arn:amazon:s3:::b", "partition", "amazon", "arn:aws:s3:::b"),
        (
            "arn:aws:sts::123456789012:assumed-role/team/app/s",
            "resource",
            "team/app",
            "arn:aws:sts::123456789012:assumed-role/app/s",
        ),
        ("arn:aws:sts::123456789012:assumed-role/app", "resource", "session", None),
        (
            "arn:aws:iam::123456789012:assumed-role/app/s",
            "service",
            "STS makes",
            "arn:aws:sts::123456789012:assumed-role/app/s",
        ),
        (
            "arn:aws:sts::123456789012:role/app",
            "service",
            "role itself",
            "arn:aws:iam::123456789012:role/app",
        ),
        ("arn:aws:*:::b", "service", "*", None),
        # The parts themselves.
        ("arn:aws:S3:::b", "service", "S3", "arn:aws:s3:::b"),
        (
            "arn:aws:dynamodbb:us-east-1:123456789012:table/t",
            "service",
            "dynamodbb",
            "arn:aws:dynamodb:us-east-1:123456789012:table/t",
        ),
        (
            "arn:aws:sqs:us-east-1a:123456789012:q",
            "region",
            "Availability Zone",
            "arn:aws:sqs:us-east-1:123456789012:q",
        ),
        ("arn:aws:sqs:useast1:123456789012:q", "region", "hyphens", "arn:aws:sqs:us-east-1:123456789012:q"),
        ("arn:aws:sqs::123456789012:q", "region", "SQS keeps", None),
        ("arn:aws:sqs:us-east-1::q", "account", "in an account", None),
        (
            "arn:aws:sqs:us-east-1:1234-5678-9012:q",
            "account",
            "without hyphens",
            "arn:aws:sqs:us-east-1:123456789012:q",
        ),
        ("arn:aws:sqs:us-east-1:12345678901:q", "account", "has 11", None),
        ("arn:aws:iam::123456789012:", "resource", "fifth colon", None),
        ("arn:aws:iam::123456789012:alice", "resource", "its type", None),
        ("arn:aws:iam::123456789012:usr/a", "resource", "usr", "arn:aws:iam::123456789012:user/a"),
        ("arn:aws:iam::123456789012:user:a", "resource", "follows user", "arn:aws:iam::123456789012:user/a"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function/f",
            "resource",
            "follows function",
            "arn:aws:lambda:us-east-1:123456789012:function:f",
        ),
        (
            "arn:aws:sqs:us-east-1:123456789012:queue/q",
            "resource",
            "queue",
            "arn:aws:sqs:us-east-1:123456789012:q",
        ),
        ("arn:aws:s3:::bucket/", "resource", "slash", "arn:aws:s3:::bucket"),
        ("arn:aws:s3:::My_Bucket", "resource", "My_Bucket", None),
        ("arn:aws:s3:::bucket:b", "resource", "bucket", "arn:aws:s3:::b"),
        ("arn:aws:ec2:us-east-1:123456789012:instance/i-0abcd1234efgh5678", "resource", "g, h", None),
        ("arn:aws:ec2:us-east-1:123456789012:instance/i-0abc", "resource", "17 hexadecimal", None),
    ],
)
def test_dissect_names_the_fault_and_the_repair(text: str, part_: str, said: str, meant: str | None) -> None:
    found = dissect(text)
    problem = found.problems[0]
    assert problem.part == part_
    assert said in problem.detail
    assert problem.title
    assert problem.hint
    assert found.suggestion == meant


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:iam::123456789012:role/team/app",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::123456789012:root",
        "arn:aws:ec2:us-east-1::image/ami-0abcdef1234567890",
        "arn:aws:ec2:*:123456789012:instance/*",
        "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q",
        "arn:aws-cn:s3:::b",
        "arn:aws:s3:us-east-1:123456789012:accesspoint/ap",
        "arn:aws:newservice:us-east-1:123456789012:thing/1",
        "arn:aws:iam::123456789012:user/${aws:username}",
    ],
)
def test_dissect_finds_nothing_wrong_with_a_good_arn(text: str) -> None:
    found = dissect(text)
    assert found.problems == ()
    assert found.suggestion is None
    assert [each.name for each in found.parts] == ["partition", "service", "region", "account", "resource"]
    assert all(each.meaning for each in found.parts)


def test_each_part_has_a_meaning_in_words() -> None:
    meanings = {each.name: each.meaning for each in dissect("arn:aws:iam::123456789012:role/team/app").parts}
    assert meanings["service"] == "IAM"
    assert meanings["region"] == "empty: the service is global"
    assert meanings["resource"] == "the role app, under the path /team/"


@settings(deadline=None, derandomize=True)
@given(
    st.one_of(
        st.text(max_size=60),
        arns.map(str),
        st.from_regex(r"(arn:)?(aws)?:?(s3|iam|ec2|sts):.*", fullmatch=True),
    )
)
def test_dissect_never_raises_and_suggests_only_what_is_right(text: str) -> None:
    found = dissect(text)
    if found.suggestion is not None:
        assert found.problems
        again = dissect(found.suggestion)
        assert again.ok
        assert str(Arn.parse(found.suggestion)) == found.suggestion
    if found.ok:
        assert str(Arn.parse(text)) == text


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_what_parse_refuses_is_an_arn_error(text: str) -> None:
    fault = None
    try:
        Arn.parse(text)
    except ArnError as raised:
        fault = raised
    assert fault is None or (fault.title and fault.hint)


@pytest.mark.parametrize("text", ["arn:" * 300_000, "arn:aws:s3:::" + "x" * 1_000_000, ":" * 1_000_000])
def test_a_huge_text_is_no_trouble(text: str) -> None:
    dissect(text)


FORMS = [
    (name, form)
    for name in SERVICES
    if (listed := reference.service(name)) is not None
    for form in listed.forms
    if not form.startswith("arn:${Partition}:iam::${Account}:assumed-role/")  # a session, which is of sts
]


@pytest.mark.parametrize(("service", "form"), FORMS, ids=[form for _, form in FORMS])
def test_every_resource_of_the_reference_has_an_arn_with_which_nothing_is_wrong(
    service: str, form: str
) -> None:
    known = {"Partition": "aws", "Region": "us-east-1", "Account": "123456789012"}
    text = re.sub(r"\$\{(\w+)\}", lambda found: known.get(found[1], "*" if service == "ec2" else "n-1"), form)

    assert [problem.title for problem in dissect(text).problems] == []
