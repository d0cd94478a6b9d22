"""One-time codes: the test vectors of the standard, and whose device a code is taken from."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.aws.iam import Principal
from labs.sandbox import mfa, moto_setup
from labs.sandbox.clock import Timeline
from labs.sandbox.principals import Caller
from labs.sandbox.wire import Call

ACCOUNT = "123456789012"
ANN = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/ann")
BOB = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/bob")
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/ann"
NOW = datetime(2026, 3, 1, 12, 0, 15, tzinfo=UTC)
STRAIGHT = Timeline()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        # RFC 6238, appendix B, SHA-1; the last six of its eight digits.
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    seed = base64.b32encode(b"12345678901234567890").decode()
    assert mfa.code_at(seed, datetime.fromtimestamp(seconds, UTC)) == code
    assert mfa.code_at(seed.rstrip("=").lower(), datetime.fromtimestamp(seconds, UTC)) == code


@pytest.fixture
def seed() -> Iterator[str]:
    """ann's device; bob has none."""
    moto_setup.reset_state(1)
    from moto.iam.models import iam_backends

    iam: Any = iam_backends[ACCOUNT]["aws"]
    iam.create_user("us-east-1", "ann")
    iam.create_user("us-east-1", "bob")
    device = iam.create_virtual_mfa_device("ann", "/")
    iam.enable_mfa_device("ann", SERIAL, "123456", "654321")
    yield str(device.base32_string_seed)
    moto_setup.reset_state(0)


def is_right(who: Principal, code: str, serial: str = SERIAL, timeline: Timeline = STRAIGHT) -> bool:
    call = Call("sts", "GetSessionToken", {"SerialNumber": serial, "TokenCode": code}, "us-east-1", "query")
    return mfa.is_right(call, Caller(who), NOW, timeline)


def test_a_code_is_good_for_its_half_minute_and_the_ones_beside_it(seed: str) -> None:
    drifts = {drift: mfa.code_at(seed, NOW + timedelta(seconds=30 * drift)) for drift in range(-3, 4)}
    assert {drift for drift, code in drifts.items() if is_right(ANN, code)} == {-1, 0, 1}


def test_a_device_is_its_owners_only(seed: str) -> None:
    right = mfa.code_at(seed, NOW)
    assert is_right(ANN, right)
    assert not is_right(BOB, right)
    assert not is_right(Principal.parse(f"arn:aws:iam::{ACCOUNT}:root"), right)
    assert not is_right(ANN, right, serial=f"{SERIAL}2")
    for wrong in ("", "12345", "abcdef", "١٢٣٤٥٦"):
        assert not is_right(ANN, wrong)


def test_a_device_may_go_by_either_clock(seed: str) -> None:
    ahead = Timeline(timedelta(days=3))
    for moment in (NOW, NOW - timedelta(days=3)):
        assert is_right(ANN, mfa.code_at(seed, moment), timeline=ahead)
    assert not is_right(ANN, mfa.code_at(seed, NOW - timedelta(days=1)), timeline=ahead)
