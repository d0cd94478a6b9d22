from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import Principal, Request
from labs.aws.iam.operators import OPERATORS, date, find_operator, number

REQUEST = Request(Principal.anonymous(), "s3:GetObject", "arn:aws:s3:::b/k")


def compare(operator: str, policy: str, value: str) -> bool:
    """What the operator's matcher says, before any negation."""
    return bool(OPERATORS[operator].compile(policy, True)(value, REQUEST))


def test_there_are_27_operators_and_8_are_negated() -> None:
    assert len(OPERATORS) == 27
    assert sorted(name for name, each in OPERATORS.items() if each.negated) == sorted(
        name for name in OPERATORS if "Not" in name
    )
    assert sum(each.negated for each in OPERATORS.values()) == 8


@pytest.mark.parametrize(
    "text", ["NullIfExists", "stringEquals", "ForNoValue:Bool", "IfExists", "", "Bool:Bool", ":Bool"]
)
def test_other_operators_do_not_exist(text: str) -> None:
    assert find_operator(text) is None


@settings(deadline=None, derandomize=True)
@given(st.decimals(-(10**20), 10**20, allow_nan=False), st.decimals(-(10**20), 10**20, allow_nan=False))
def test_numbers_compare_by_value(left: Decimal, right: Decimal) -> None:
    for name, wanted in (
        ("NumericEquals", left == right),
        ("NumericLessThan", left < right),
        ("NumericLessThanEquals", left <= right),
        ("NumericGreaterThan", left > right),
        ("NumericGreaterThanEquals", left >= right),
    ):
        assert compare(name, f"{right:f}", f"{left:f}") is wanted


@pytest.mark.parametrize(
    "text", ["", "ten", "1_000", "0x10", "NaN", "Infinity", "1e9999999", "٣", "1,5", "--1"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text) is None


moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))


@settings(deadline=None, derandomize=True)
@given(moments, st.integers(-720, 720))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, minutes: int) -> None:
    here = moment.replace(tzinfo=UTC)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    there = (moment + timedelta(minutes=minutes)).isoformat() + f"{sign}{hours:02}:{rest:02}"
    assert date(here.isoformat()) == date(there) == date(here.isoformat().replace("+00:00", "Z"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1767225600),
        ("2026-01-01", 1767225600),
        ("2026-01", 1767225600),
        ("1767225600", 1767225600),
        ("2026-01-01T00:00:00.25Z", Decimal("1767225600.25")),
        ("1969-12-31T23:59:59Z", -1),
    ],
)
def test_the_forms_of_a_date(text: str, seconds: Decimal) -> None:
    assert date(text) == seconds


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "2026-01-01T25:00Z", "01/02/2026"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert date(text) is None


networks = st.builds(
    lambda address, bits: ipaddress.ip_network((int(address), bits), strict=False),
    st.ip_addresses(v=4),
    st.integers(0, 32),
)


@settings(deadline=None, derandomize=True)
@given(networks, st.ip_addresses())
def test_an_address_is_in_a_range_when_the_range_holds_it(
    network: ipaddress.IPv4Network, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    assert compare("IpAddress", str(network), str(address)) is (address in network)


@pytest.mark.parametrize(
    ("operator", "policy", "value", "wanted"),
    [
        ("IpAddress", "10.0.0.7/8", "10.200.0.1", True),
        ("IpAddress", "ten", "10.0.0.1", False),
        ("IpAddress", "10.0.0.0/8", "ten", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", "yes", "yes", False),
        ("BinaryEquals", "QQ==", "QQ==", True),
        ("BinaryEquals", "QQ==", "QUE=", False),
        ("BinaryEquals", "not base64", "not base64", False),
        ("StringEqualsIgnoreCase", "Straße", "STRAßE", True),
        ("DateLessThan", "soon", "2026-01-01", False),
    ],
)
def test_what_cannot_be_read_matches_nothing(operator: str, policy: str, value: str, wanted: bool) -> None:
    assert compare(operator, policy, value) is wanted
