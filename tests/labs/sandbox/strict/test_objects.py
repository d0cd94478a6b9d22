"""Objects that arrive as they were sent."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import replace
from typing import Any

import pytest

from labs.sandbox.strict.objects import DIGESTS
from tests.labs.sandbox.houses import House
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Table,
    client,
    try_refusal,
)

TABLE = Table()
refused = TABLE.refused


def _put(house: House, **options: Any) -> Attempt:
    s3 = client(house, "s3")
    s3.create_bucket(Bucket="basket")
    return lambda: s3.put_object(Bucket="basket", Key="k", Body=b"hello", **options)


@refused("s3.content-md5", "BadDigest", "The Content-MD5 you specified did not match what we received.")
def wrong_md5(house: House) -> Attempt:
    return _put(house, ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")


@refused("s3.content-md5", "InvalidDigest", "The Content-MD5 you specified was invalid.")
def md5_in_hexadecimal(house: House) -> Attempt:
    return _put(house, ContentMD5="5d41402abc4b2a76b9719d911017c592")


@refused("s3.checksum", "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
def wrong_sha256(house: House) -> Attempt:
    return _put(house, ChecksumSHA256=base64.b64encode(bytes(32)).decode())


@refused("s3.checksum", "BadDigest", "The CRC32C you specified did not match the calculated checksum.")
def wrong_crc32c(house: House) -> Attempt:
    return _put(house, ChecksumCRC32C="AAAAAA==")


@refused("s3.checksum", "InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid.")
def checksum_of_the_wrong_length(house: House) -> Attempt:
    return _put(house, ChecksumCRC32="AAAA")


def test_what_arrives_as_it_was_sent_is_taken(house: House) -> None:
    s3 = client(house, "s3")
    s3.create_bucket(Bucket="basket")
    for name, digest in DIGESTS.items():
        said = base64.b64encode(digest(b"hello")).decode()
        s3.put_object(Bucket="basket", Key=name, Body=b"hello", **{f"Checksum{name.upper()}": said})
    md5 = base64.b64encode(hashlib.md5(b"hello", usedforsecurity=False).digest()).decode()
    s3.put_object(Bucket="basket", Key="md5", Body=b"hello", ContentMD5=md5)
    upload = s3.create_multipart_upload(Bucket="basket", Key="parts")["UploadId"]
    part = {"Bucket": "basket", "Key": "parts", "UploadId": upload, "PartNumber": 1}
    s3.upload_part(**part, Body=b"x" * 100)
    with pytest.raises(s3.exceptions.ClientError, match="BadDigest"):
        s3.upload_part(**part, Body=b"x" * 100, ChecksumCRC32="AAAAAA==")


def test_a_checksum_that_trails_the_body_is_compared_too(house: House, recorder: Any) -> None:
    house.client("s3").create_bucket(Bucket="basket")
    key, secret, _ = house.keys("admin")
    s3 = recorder.session.client(
        "s3", endpoint_url="https://127.0.0.1:4566", aws_access_key_id=key, aws_secret_access_key=secret
    )
    sent = recorder.request(s3, "put_object", Bucket="basket", Key="k", Body=io.BytesIO(b"hello"))
    assert sent.body.endswith(b"x-amz-checksum-crc32:NhCmhg==\r\n\r\n")
    bent = replace(sent, body=sent.body.replace(b"NhCmhg==", b"AAAAAA=="))
    assert b"<Code>BadDigest</Code>" in house.wires.send(bent)[2]
    assert house.wires.send(sent)[0] == 200


# The check values of the catalogue of CRC algorithms: of the text 123456789.
@pytest.mark.parametrize(
    ("name", "check"), [("crc32", 0xCBF43926), ("crc32c", 0xE3069283), ("crc64nvme", 0xAE8B14860A799888)]
)
def test_checksums_are_those_of_the_catalogue(name: str, check: int) -> None:
    assert int.from_bytes(DIGESTS[name](b"123456789"), "big") == check


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)
