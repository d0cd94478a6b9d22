from __future__ import annotations

import pytest

from labs.aws.iam.limits import LIMITS, MANAGED_POLICY_VERSIONS, size_fault


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("managed", 6_144),
        ("user", 2_048),
        ("group", 5_120),
        ("role", 10_240),
        ("trust", 2_048),
        ("session", 2_048),
        ("scp", 10_240),
        ("rcp", 5_120),
        ("bucket", 20 * 1024),
        ("queue", 8_192),
        ("topic", 30 * 1024),
        ("key", 32 * 1024),
        ("function", 20 * 1024),
        ("table", 20 * 1024),
        ("secret", 20_480),
        ("repository", 10_240),
        ("endpoint", 20_480),
    ],
)
def test_each_kind_of_policy_has_aws_s_limit(kind: str, most: int) -> None:
    limit = LIMITS[kind]

    assert limit.most == most
    assert limit.source.startswith("https://docs.aws.amazon.com/")
    assert size_fault("x" * most, limit) is None
    assert f"{most + 1:,}" in (size_fault("x" * (most + 1), limit) or "")


def test_every_limit_is_checked() -> None:
    assert len(LIMITS) == 17
    assert MANAGED_POLICY_VERSIONS == 5


@pytest.mark.parametrize("kind", ["managed", "user", "group", "role", "trust"])
def test_iam_does_not_count_white_space(kind: str) -> None:
    assert size_fault("{ }\n\t" * LIMITS[kind].most, LIMITS[kind]) is not None
    assert size_fault("{}" + " \n\t" * LIMITS[kind].most, LIMITS[kind]) is None


@pytest.mark.parametrize("kind", ["session", "scp", "rcp", "bucket", "queue", "key", "endpoint"])
def test_others_do(kind: str) -> None:
    assert size_fault("{}" + " " * LIMITS[kind].most, LIMITS[kind]) is not None


def test_bytes_are_not_characters() -> None:
    assert LIMITS["bucket"].size("größe") == 7
    assert LIMITS["managed"].size("größe") == 5
    assert LIMITS["bucket"].size("\ud800") == 3


def test_limits_that_policies_share_say_so() -> None:
    assert "together" in (size_fault("x" * 3_000, LIMITS["user"]) or "")
    assert "together" not in (size_fault("x" * 7_000, LIMITS["managed"]) or "")
