"""What the tests of STS share: a user with a device, tags, and the question whether keys reach S3."""

from __future__ import annotations

from typing import Any

from tests.labs.sandbox.houses import ACCOUNT, House, code, statement

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
MFA = f"arn:aws:iam::{ACCOUNT}:mfa/ann"
READ = statement("s3:ListAllMyBuckets", "*")
TAGGING = ["sts:AssumeRole", "sts:TagSession"]


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def with_device(house: House) -> str:
    """Give the user ann a virtual device; its seed."""
    iam = house.client("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]
    iam.enable_mfa_device(
        UserName="ann", SerialNumber=MFA, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    return str(made["Base32StringSeed"].decode())


def allowed_buckets(house: House, keys: Any) -> bool:
    return code(house.client("s3", keys).list_buckets) == ""
