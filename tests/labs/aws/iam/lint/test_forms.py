from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam.lint.forms import covers, example, fits
from labs.aws.iam.patterns import tokenize

BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
INSTANCE = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}"
IMAGE = "arn:${Partition}:ec2:${Region}::image/${ImageId}"


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [
        ("arn:aws:s3:::b", BUCKET, True),
        ("arn:aws:s3:::b", OBJECT, False),
        ("arn:aws:s3:::b/*", OBJECT, True),
        ("arn:aws:s3:::b/*", BUCKET, False),
        ("arn:aws:s3:::b*", OBJECT, True),
        ("arn:aws:s3:::*", BUCKET, True),
        ("arn:aws:s3:::?", BUCKET, True),
        ("arn:aws:s3:::b/${aws:username}/x", OBJECT, True),
        ("arn:aws:sqs:*:*:q", QUEUE, True),
        ("arn:aws:sqs:*:q", QUEUE, True),
        ("arn:aws:sqs:us-east-1:1", QUEUE, False),
        ("arn:aws:ec2:*:*:instance/*", IMAGE, False),
        ("arn:aws:ec2:*:*:*/*", IMAGE, True),
        ("arn:aws:ec2:*:*:*/i-*", INSTANCE, True),
        ("*", QUEUE, True),
        ("", QUEUE, False),
    ],
)
def test_a_pattern_fits_a_form_when_some_arn_has_both(text: str, form: str, wanted: bool) -> None:
    assert fits(text, form, variables=True) is wanted


patterns = st.text("ab*?", max_size=6)


def expression(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(patterns, patterns, st.lists(st.text("ab", max_size=8), max_size=20))
def test_what_is_covered_matches_nothing_else(outer: str, inner: str, texts: list[str]) -> None:
    if covers(tokenize(outer, variables=False), tokenize(inner, variables=False)):
        matched = [text for text in texts if expression(inner).fullmatch(text)]
        assert all(expression(outer).fullmatch(text) for text in matched)


@pytest.mark.parametrize(
    ("outer", "inner", "wanted"),
    [
        ("s3:*", "s3:Get*", True),
        ("s3:Get*", "s3:*", False),
        ("a*c", "abc", True),
        ("a*c", "a*b*c", True),
        ("a?c", "abc", True),
        ("a?c", "a*c", False),
        ("a*", "a?", True),
        ("*", "", True),
        ("b/${aws:username}/*", "b/${aws:username}/*", True),
        ("b/*", "b/${aws:username}/*", True),
        ("b/${aws:username}/*", "b/alice/*", False),
    ],
)
def test_a_pattern_covers_another(outer: str, inner: str, wanted: bool) -> None:
    assert covers(tokenize(outer, variables=True), tokenize(inner, variables=True)) is wanted


def test_an_example_keeps_the_bucket_that_was_written() -> None:
    assert example(OBJECT, like="arn:aws:s3:::training") == "arn:aws:s3:::training/*"
    assert example(QUEUE) == "arn:aws:sqs:*:*:*"


@pytest.mark.parametrize("text", ["*a" * 2000, "a" * 4000, "?" * 4000, "arn:aws:s3:::" + "*?" * 1900])
def test_a_long_pattern_is_no_trouble(text: str) -> None:
    assert not fits(text + "!", QUEUE + "/x", variables=True)
