"""A proof that cannot be had within bounds is given up, with the bound named; it never hangs."""

from __future__ import annotations

import random
from typing import Any

import pytest

from labs.aws.iam import Policy, parse_policy
from labs.aws.iam.prover import Budget, Comparison, compare, comparison_to_json
from labs.aws.iam.prover.questions import allows_any, who_can
from labs.errors import InputError


def policy(*statements: dict[str, Any]) -> Policy:
    base = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": [{**base, **each} for each in statements]})


def tangle(seed: int) -> str:
    """A pattern with so many stars that the texts it matches cannot be told over."""
    return "*" + "*".join(random.Random(seed).sample("abcdefghijklmnopqrstuvwxyz", 10)) + "*"


def in_resources(*seeds: int) -> Policy:
    return policy(*({"Resource": f"arn:aws:s3:::{tangle(seed)}"} for seed in seeds))


def in_conditions(*seeds: int) -> Policy:
    return policy(*({"Condition": {"StringLike": {"s3:prefix": tangle(seed)}}} for seed in seeds))


def bound(comparison: Comparison) -> str:
    assert comparison.verdict == "unknown"
    assert comparison.bound is not None
    assert comparison.bound.sentence in comparison.sentence
    return comparison.bound.name


def test_too_many_steps() -> None:
    comparison = compare(in_resources(1, 2), in_resources(3, 4), budget=Budget(steps=1000))

    assert bound(comparison) == "steps"
    assert "1,000 steps" in comparison.sentence
    assert "the actions of s3" in comparison.sentence
    assert not comparison.not_wider


def test_too_much_time() -> None:
    comparison = compare(in_resources(1, 2), in_resources(3, 4), budget=Budget(seconds=0))

    assert bound(comparison) == "seconds"


@pytest.mark.parametrize("make", [in_resources, in_conditions])
def test_too_many_states(make: Any) -> None:
    seeds = range(12)

    assert bound(compare(make(*seeds), make(*seeds[1:], 99))) == "states"


def test_too_many_values() -> None:
    keys = [f"k{place}" for place in range(12)]
    one_of = [{"Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": key}}} for key in keys]
    all_there = {"ForAnyValue:StringLike": {"aws:TagKeys": "k*"}}

    assert bound(compare(policy(*one_of), policy({"Condition": all_there}, *one_of[1:]))) == "values"


def test_numbers_beside_patterns_of_texts() -> None:
    mixed = {"NumericLessThan": {"custom:key": "10"}, "StringLike": {"custom:key": "9*"}}
    comparison = compare(
        policy({"Condition": mixed}), policy({"Condition": {**mixed, "Null": {"custom:key": "false"}}})
    )

    assert bound(comparison) == "values"
    assert "custom:key" in comparison.sentence


def test_what_was_found_before_the_bound_is_kept() -> None:
    queues = [
        {"Action": "sqs:*", "Resource": f"arn:aws:sqs:us-east-1:1:{tangle(seed)}"} for seed in range(13)
    ]
    comparison = compare(policy(*queues[1:]), policy({"Action": "s3:GetObject"}, *queues[:-1]))

    assert bound(comparison) == "states"
    assert comparison.wider is not None
    assert comparison.wider.action == "s3:GetObject"
    assert "What is certain: the candidate allows s3:GetObject" in comparison.sentence
    answer = comparison_to_json(comparison)
    assert answer["wider"] is not None
    assert answer["bound"] == {"name": "states", "limit": 50_000, "where": "among the actions of sqs"}


def test_the_same_bound_gives_the_same_answer() -> None:
    first, second = in_resources(1, 2, 3), in_resources(4, 5, 6)
    answers = [compare(first, second, budget=Budget(steps=5000)) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0].steps == answers[1].steps


def test_other_questions_refuse_what_they_cannot_decide() -> None:
    mixed = {"NumericLessThan": {"custom:key": "10"}, "StringLike": {"custom:key": "x*"}}

    with pytest.raises(InputError, match="too involved"):
        allows_any(policy({"Condition": mixed}), ["s3:GetObject"])
    with pytest.raises(InputError, match="too involved"):
        who_can(policy({"Condition": mixed, "Principal": "*"}), "s3:GetObject", "arn:aws:s3:::b/k")


def test_there_are_two_kinds_of_policies() -> None:
    with pytest.raises(InputError, match="No such kind"):
        compare(policy(), policy(), "bucket")  # type: ignore[arg-type]


def test_large_policies_are_decided() -> None:
    one = policy({"Resource": [f"arn:aws:s3:::b{place}/*" for place in range(300)]})
    many = policy(*({"Resource": f"arn:aws:s3:::b{place}/*"} for place in range(300)))

    assert compare(one, many).verdict == "equivalent"
    assert compare(one, policy({"Resource": "arn:aws:s3:::b*"})).verdict == "wider"
