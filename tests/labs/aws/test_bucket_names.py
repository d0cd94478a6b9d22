"""Names of buckets, by the examples of the S3 User Guide and their neighbours."""

from __future__ import annotations

import pytest

from labs.aws.bucket_names import bucket_name_fault


@pytest.mark.parametrize(
    "name",
    [
        "amzn-s3-bucket1-a1b2",
        "docexamplebucket-1a1b2c3d4",
        "log-delivery-march-2020",
        "example.com",
        "a.b",
        "123",
        "x" * 63,
    ],
)
def test_good_names(name: str) -> None:
    assert bucket_name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ab", "3 to 63 characters, and this has 2"),
        ("x" * 64, "and this has 64"),
        ("amzn_s3_bucket", "and this has '_'"),
        ("AmznS3Bucket", "'A', 'S' and 'B'"),
        ("bücket", "'ü'"),
        ("amzn-s3-bucket-", "begins and ends with a letter or a digit"),
        (".basket", "begins and ends"),
        ("example..com", "two dots"),
        ("192.168.5.4", "IP address"),
        ("xn--basket", "begin with xn--"),
        ("sthree-basket", "begin with sthree-"),
        ("amzn-s3-demo-bucket", "begin with amzn-s3-demo-"),
        ("basket-s3alias", "end with -s3alias"),
        ("basket--x-s3", "end with --x-s3"),
    ],
)
def test_bad_names(name: str, says: str) -> None:
    assert says in (bucket_name_fault(name) or "")
