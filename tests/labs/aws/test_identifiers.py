from __future__ import annotations

import pytest

from labs.aws.identifiers import (
    ResourceId,
    account_fault,
    is_account_id,
    is_region,
    partition_of_region,
    region_fault,
    resource_id_fault,
    unique_id_kind,
)


def test_an_account_id_is_twelve_ascii_digits() -> None:
    assert is_account_id("000000000001")
    for wrong in ("12345678901", "1234567890123", "12345678901a", "1234-5678-9012", "١٢٣٤٥٦٧٨٩٠١٢", ""):
        assert not is_account_id(wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1234-5678-9012", "123456789012"),
        ("12345678901", "this has 11"),
        ("alice", "twelve digits and nothing else"),
        ("١٢٣٤٥٦٧٨٩٠١٢", "twelve digits and nothing else"),
    ],
)
def test_a_wrong_account_id_is_explained(text: str, said: str) -> None:
    assert said in str(account_fault(text))


def test_a_good_account_id_has_no_fault() -> None:
    assert account_fault("123456789012") is None


@pytest.mark.parametrize(
    "text", ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "ap-southeast-4", "eusc-de-east-1"]
)
def test_regions_of_every_partition_are_known_by_their_shape(text: str) -> None:
    assert is_region(text)
    assert region_fault(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("us-east-1b", "us-east-1"),
        ("US-EAST-1", "lower case"),
        ("us-east1", "us-east-1"),
        ("virginia", "looks like"),
    ],
)
def test_a_wrong_region_is_explained(text: str, said: str) -> None:
    assert not is_region(text)
    assert said in str(region_fault(text))


def test_a_region_tells_its_partition() -> None:
    assert partition_of_region("us-east-1") == "aws"
    assert partition_of_region("cn-northwest-1") == "aws-cn"
    assert partition_of_region("us-gov-east-1") == "aws-us-gov"


def test_a_resource_id_has_a_prefix_and_hexadecimal_digits() -> None:
    assert ResourceId.split("vol-0abcdef1234567890") == ResourceId("vol", "0abcdef1234567890")
    assert str(ResourceId("vol", "0abcdef1234567890")) == "vol-0abcdef1234567890"
    assert ResourceId("rtb", "").kind == "route table"
    assert ResourceId.split("bucket-1") is None
    assert ResourceId.split("eni-attach-0abcdef1234567890") == ResourceId("eni-attach", "0abcdef1234567890")


@pytest.mark.parametrize("text", ["i-0abcdef1234567890", "i-1234abcd", "subnet-00000000000000000"])
def test_a_good_resource_id_has_no_fault(text: str) -> None:
    assert resource_id_fault(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("i-0abcd1234efgh5678", "g, h cannot"),
        ("i-0ABCDEF1234567890", "A, B, C, D, E, F cannot"),
        ("i-0abc", "17 hexadecimal digits"),
        ("instance-1", "prefix"),
    ],
)
def test_a_wrong_resource_id_is_explained(text: str, said: str) -> None:
    assert said in str(resource_id_fault(text))


def test_a_unique_id_tells_its_kind() -> None:
    assert unique_id_kind("AROAEXAMPLEEXAMPLE12") == "role"
    assert unique_id_kind("AKIAEXAMPLEEXAMPLE12") == "long-term access key"
    assert unique_id_kind("ASIA") is None
    assert unique_id_kind("XXXXEXAMPLEEXAMPLE12") is None
