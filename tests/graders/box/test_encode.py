"""Values leave a box by exact types only, and come out equal."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.box.encode import NotPlain, encode

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(PLAIN)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_plain_values_come_out_equal(value: Any) -> None:
    text = encode(value, 1_000_000)
    assert text.isascii()
    assert json.loads(text) == value


def test_a_tuple_comes_out_as_a_list() -> None:
    assert encode((1, (2,)), 100) == "[1,[2]]"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({1, 2}, "type set; return sorted"),
        (b"x", "return its .decode()"),
        (datetime.now(UTC), ".isoformat()"),
        (Decimal("1.5"), "float(...)"),
        (OrderedDict(a=1), "dict(...)"),
        ({"a": [1, {2}]}, 'result["a"][1] is of type set'),
        ({1: 2}, "a key that is of type int"),
        (float("inf"), "inf, which equals no number"),
        (1 << 5000, "more than 4096 bits"),
        (object(), "return plain text"),
        ("x" * 101, "longer than 100"),
        ([[]] * 101, "longer than 100"),
    ],
)
def test_what_does_not_pass_is_named_with_its_place(value: object, says: str) -> None:
    with pytest.raises(NotPlain) as raised:
        encode(value, 100)
    assert says in str(raised.value)


def test_a_value_that_shares_its_parts_is_cut_off_before_it_grows() -> None:
    value: list[Any] = []
    for _ in range(50):
        value = [value] * 10
    with pytest.raises(NotPlain, match="longer than"):
        encode(value, 100_000)
