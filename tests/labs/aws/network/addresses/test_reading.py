"""Texts that are no address block: what is wrong with each, and what it probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import AddressError, Block, diagnose


@pytest.mark.parametrize(
    ("text", "said", "meant"),
    [
        ("10.0.0.300/24", "too large", "10.0.0.0/24"),
        ("10.300.0.0/16", "too large", None),
        ("10.0.0.0/33", "longer than an address", None),
        ("/33", "address is missing", None),
        ("10.0.0/24", "four numbers", "10.0.0.0/24"),
        ("10/8", "four numbers", "10.0.0.0/8"),
        ("10.0.0.0.0/16", "four numbers", None),
        ("10.0.0.0.16", "slash stands before", "10.0.0.0/16"),
        ("10..0.0/16", "Between two dots", "10.0.0.0/16"),
        ("10.0.0.0./16", "Between two dots", "10.0.0.0/16"),
        ("10.0.0.0/255.255.255.0", "netmask", "10.0.0.0/24"),
        ("10.0.0.0 255.255.240.0", "netmask", "10.0.0.0/20"),
        ("10.0.0.0/0.0.0.255", "wildcard mask", "10.0.0.0/24"),
        ("10.0.0.0/255.0.255.0", "no netmask", None),
        ("10.0.0.0-10.0.0.255", "range", "10.0.0.0/24"),
        ("10.0.0.0 - 10.0.3.255", "range", "10.0.0.0/22"),
        ("10.0.0.0-255", "range", "10.0.0.0/24"),
        ("10.0.0.4-10.0.0.19", "range", None),
        ("10.0.0.9-10.0.0.1", "range", None),
        ("10.0.0.0\\24", "leans", "10.0.0.0/24"),
        ("10.0.0.0//24", "slash too many", "10.0.0.0/24"),
        ("010.0.0.0/8", "leading zero", "10.0.0.0/8"),
        ("10.0.0.010/24", "leading zero", "10.0.0.10/24"),
        ("10.0.0.0/024", "leading zero", "10.0.0.0/24"),
        (" 10.0.0.0/24", "stands around", "10.0.0.0/24"),
        ('"10.0.0.0/24",', "stands around", "10.0.0.0/24"),
        ("10.0. 0.0/24", "Blanks", "10.0.0.0/24"),
        ("10.0.0.0 /24", "Blanks", "10.0.0.0/24"),
        ("10.0.0.0 24", "slash before the last", "10.0.0.0/24"),
        ("10,0,0,0/16", "Dots", "10.0.0.0/16"),
        ("10.0.*.*", "wildcards", "10.0.0.0/16"),
        ("10.0.x.x/16", "wildcards", "10.0.0.0/16"),
        ("10.0.0.0", "prefix length is missing", "10.0.0.0/16"),
        ("10.0.1.0", "prefix length is missing", "10.0.1.0/24"),
        ("10.0.3.7", "prefix length is missing", "10.0.3.7/32"),
        ("10.0.0.0/", "prefix length is missing", "10.0.0.0/16"),
        ("10.0.0.0/-1", "no number", None),
        ("10.0.0.0/abc", "no number", None),
        ("1O.0.0.l/24", "letter", "10.0.0.1/24"),
        ("0x0a000000/8", "one number", "10.0.0.0/8"),
        ("167772160/8", "one number", "10.0.0.0/8"),
        ("10.0.0.0:24", "slash stands before", "10.0.0.0/24"),
        ("10.0.0.0:80/24", "port", "10.0.0.0/24"),
        ("http://10.0.0.0/24", "URL", "10.0.0.0/24"),
        ("10.0.0.0／24", "only looks right", "10.0.0.0/24"),
        ("10.0.0.0–10.0.0.255", "only looks right", "10.0.0.0/24"),
        ("10.0.0.0/24, 10.0.1.0/24", "more than one", None),
        ("10.0.0.b/24", "no number", None),
        ("hello", "no address block", None),
        ("", "missing", None),
        # IPv6
        ("2001:db8:1234:1a00/56", "Groups are missing", "2001:db8:1234:1a00::/56"),
        ("2001:db8:::/32", "Three colons", "2001:db8::/32"),
        ("2001::db8::/32", "only once", None),
        ("2001:dg8::/32", "hexadecimal", None),
        ("2OO1:db8::/32", "hexadecimal", "2001:db8::/32"),
        ("2001:db8:/32", "colon is missing", "2001:db8::/32"),
        (":1/128", "colon is missing", "::1/128"),
        ("2001:db8::/129", "longer than an address", None),
        ("fe80::1%eth0/64", "zone", "fe80::1/64"),
        ("[2001:db8::]/56", "stands around", "2001:db8::/56"),
        ("2001:db8::", "prefix length is missing", "2001:db8::/64"),
        ("2001:db8::1", "prefix length is missing", "2001:db8::1/128"),
        ("2001:db8:12345::/48", "four digits", None),
        ("2001:0db8:00001::/48", "four digits", "2001:0db8:1::/48"),
        ("1:2:3:4:5:6:7:8:9/64", "eight groups", None),
        ("1:2:3:4::5:6:7:8/64", "eight groups", "1:2:3:4:5:6:7:8/64"),
    ],
)
def test_a_text_that_is_no_block_is_refused_with_what_it_meant(
    text: str, said: str, meant: str | None
) -> None:
    with pytest.raises(AddressError) as caught:
        Block.parse(text)

    error = caught.value
    assert said in error.title
    assert error.meant == meant
    assert error.detail
    assert error.hint == f"Did you mean {meant}?" if meant else error.hint
    assert error.as_json().get("meant") == meant


def test_what_cannot_be_repaired_is_not_looked_at_further() -> None:
    assert [each.title for each in diagnose("10.0.0.4-10.0.0.19").problems] == [
        "This is a range, not a block"
    ]
    assert [each.title for each in diagnose("10.300.0.0/99").problems] == ["One of the numbers is too large"]


def test_a_range_that_is_no_block_is_told_as_blocks() -> None:
    with pytest.raises(AddressError, match=r"3 blocks: 10\.0\.0\.4/30, 10\.0\.0\.8/29, 10\.0\.0\.16/30"):
        Block.parse("10.0.0.4-10.0.0.19")


@pytest.mark.parametrize("text", ["10.0.0.0/16", "0.0.0.0/0", "255.255.255.255/32", "::/0", "2001:DB8::1/64"])
def test_a_block_has_no_problems(text: str) -> None:
    assert diagnose(text).problems == ()
    assert Block.parse(text).written == text


pieces = st.lists(
    st.sampled_from(
        ["10", ".", "0", "/", "24", "255", ":", "::", "db8", " ", "-", "\\", "*", "x", "٣", "O", "%", ","]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(pieces | st.text(max_size=30))
def test_any_text_is_a_block_or_an_error_whose_meaning_is_a_block(text: str) -> None:
    found = diagnose(text)
    if found.problems:
        with pytest.raises(AddressError) as caught:
            Block.parse(text)
        assert caught.value.title == found.problems[0].title
        assert caught.value.hint
    if found.meant is not None:
        block = Block.parse(found.meant)
        assert Block.parse(str(block)) == block


def test_a_huge_text_is_refused_at_once() -> None:
    with pytest.raises(AddressError, match="no address block"):
        Block.parse("1." * 1_000_000)
