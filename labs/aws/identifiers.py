"""AWS's identifiers: account numbers, Region names, resource ids and IAM unique ids, and whether one is well
formed.

Sources: EC2 User Guide, "Resource IDs"; IAM User Guide, "IAM identifiers" (unique ID prefixes); AWS General
Reference, "AWS account identifiers".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = [
    "PARTITIONS",
    "RESOURCE_ID_PREFIXES",
    "UNIQUE_ID_PREFIXES",
    "ResourceId",
    "account_fault",
    "is_account_id",
    "is_region",
    "partition_of_region",
    "region_fault",
    "resource_id_fault",
    "unique_id_kind",
]

PARTITIONS: Final = {
    "aws": "the commercial Regions",
    "aws-cn": "China",
    "aws-us-gov": "AWS GovCloud (US)",
    "aws-eusc": "the European Sovereign Cloud",
    "aws-iso": "an isolated US partition",
    "aws-iso-b": "an isolated US partition",
    "aws-iso-e": "an isolated European partition",
    "aws-iso-f": "an isolated US partition",
}

RESOURCE_ID_PREFIXES: Final = {
    "acl": "network ACL",
    "ami": "Amazon Machine Image",
    "aclassoc": "network ACL association",
    "dopt": "DHCP option set",
    "eigw": "egress-only internet gateway",
    "eipalloc": "Elastic IP allocation",
    "eipassoc": "Elastic IP association",
    "eni": "network interface",
    "eni-attach": "network interface attachment",
    "fl": "VPC flow log",
    "fs": "EFS file system",
    "i": "instance",
    "igw": "internet gateway",
    "key": "key pair",
    "lt": "launch template",
    "nat": "NAT gateway",
    "pcx": "VPC peering connection",
    "pl": "prefix list",
    "r": "reservation",
    "rtb": "route table",
    "rtbassoc": "route table association",
    "sg": "security group",
    "sgr": "security group rule",
    "sir": "Spot Instance request",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit gateway",
    "vgw": "virtual private gateway",
    "vol": "volume",
    "vpc": "VPC",
    "vpce": "VPC endpoint",
    "vpn": "VPN connection",
}

UNIQUE_ID_PREFIXES: Final = {
    "ABIA": "STS service bearer token",
    "ACCA": "context-specific credential",
    "AGPA": "user group",
    "AIDA": "IAM user",
    "AIPA": "instance profile",
    "AKIA": "long-term access key",
    "ANPA": "managed policy",
    "ANVA": "version of a managed policy",
    "APKA": "public key",
    "AROA": "role",
    "ASCA": "certificate",
    "ASIA": "temporary access key",
}

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(
    r"(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[a-f]?|eu-isoe|eusc-[a-z]{2})-[a-z]+-[0-9]"
)
_ZONE = re.compile(rf"({_REGION.pattern})[a-z]")
_RESOURCE_ID = re.compile(r"([a-z]+(?:-[a-z]+)?)-(.*)", re.DOTALL)
_HEXADECIMAL = frozenset("0123456789abcdef")


def is_account_id(text: str) -> bool:
    """Whether the text is an account id: exactly twelve digits, leading zeros included."""
    return _ACCOUNT.fullmatch(text) is not None


def account_fault(text: str) -> str | None:
    """What is wrong with an account id, in one sentence; None when it is well formed."""
    if is_account_id(text):
        return None
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 12 and set(text) <= set("0123456789- "):
        return f"an account id is written without hyphens or spaces: {digits}"
    if not text.isascii() or not text.isdigit():
        return "an account id is twelve digits and nothing else"
    return f"an account id has twelve digits and this has {len(text)}; leading zeros count"


def is_region(text: str) -> bool:
    """Whether the text has the shape of a Region name, such as `us-east-1`."""
    return _REGION.fullmatch(text) is not None


def region_fault(text: str) -> str | None:
    """What is wrong with a Region name, in one sentence; None when it is well formed."""
    if is_region(text):
        return None
    if zone := _ZONE.fullmatch(text):
        return f"{text} is an Availability Zone; its Region is {zone[1]}"
    if is_region(text.lower()):
        return f"Region names are lower case: {text.lower()}"
    if glued := re.fullmatch(r"([a-z]{2})-?([a-z]+)-?([0-9])", text):
        meant = "-".join(glued.groups())
        if is_region(meant):
            return f"a Region is written with two hyphens: {meant}"
    return "a Region looks like us-east-1: area, direction, number"


def partition_of_region(region: str) -> str:
    """The partition that a Region belongs to: `cn-north-1` is in `aws-cn`."""
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The id of a resource in EC2's style: a prefix that names the kind, a hyphen, and hexadecimal digits.

    Ids made since 2016 have 17 digits; older ones have 8 and are still valid.
    """

    prefix: str
    digits: str

    @classmethod
    def split(cls, text: str) -> ResourceId | None:
        """The two parts of an id with a prefix of AWS's, whatever its digits; None for any other text."""
        match = _RESOURCE_ID.fullmatch(text)
        if match is None or match[1] not in RESOURCE_ID_PREFIXES:
            return None
        return cls(match[1], match[2])

    @property
    def kind(self) -> str:
        """The kind of resource in words: `vol-…` is a volume."""
        return RESOURCE_ID_PREFIXES[self.prefix]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.digits}"


def resource_id_fault(text: str) -> str | None:
    """What is wrong with a resource id such as `i-0abc…`, in one sentence; None when it is well formed."""
    found = ResourceId.split(text)
    if found is None:
        return "a resource id starts with a prefix that names its kind, such as i-, vol- or subnet-"
    strangers = sorted({letter for letter in found.digits if letter not in _HEXADECIMAL})
    if strangers:
        listed = ", ".join(strangers[:6])
        return f"after {found.prefix}- come hexadecimal digits (0-9, a-f), and {listed} cannot be among them"
    if len(found.digits) not in (8, 17):
        return f"after {found.prefix}- come 17 hexadecimal digits (8 before 2016), not {len(found.digits)}"
    return None


def unique_id_kind(text: str) -> str | None:
    """What an IAM unique id or access key id stands for, by its first four letters: `AROA…` is a role."""
    return UNIQUE_ID_PREFIXES.get(text[:4]) if re.fullmatch(r"[A-Z0-9]{16,128}", text) else None
