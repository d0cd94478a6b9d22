"""Bill lines by the dimensions of Cost Explorer, in its own spelling.

AWS Cost Management API Reference, "GetDimensionValues" (the dimensions); AWS Billing User Guide,
"Understanding your usage reports". What belongs to EC2 and is no computing is "EC2 - Other" there: volumes,
snapshots, NAT gateways; public addresses and endpoints belong to the VPC. Traffic belongs to the service
that it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from labs.aws.billing import Line
from labs.aws.billing.charges import Where

__all__ = ["DIMENSIONS", "GROUPING", "Kind", "kind_of", "normalized_factor", "unit_of"]

_EC2, _OTHER = "Amazon Elastic Compute Cloud - Compute", "EC2 - Other"
_VPC, _S3 = "Amazon Virtual Private Cloud", "Amazon Simple Storage Service"
_SERVICES: Final = {
    "ec2": _EC2,
    "ebs": _OTHER,
    "nat": _OTHER,
    "ipv4": _VPC,
    "vpce": _VPC,
    "s3": _S3,
    "alb": "Amazon Elastic Load Balancing",
    "lambda": "AWS Lambda",
    "rds": "Amazon Relational Database Service",
    "dynamodb": "Amazon DynamoDB",
    "sqs": "Amazon Simple Queue Service",
    "sns": "Amazon Simple Notification Service",
}
_SENDERS: Final = (
    ("s3", "Object Bucket"),
    ("sqs", "Message Queue"),
    ("dynamodb", "Item Query Scan Table Statement Backup Stream"),
)
_UNITS: Final = {"GB-Mo": "GB-Month", "IOPS-Mo": "IOPS-Month", "MiBps-Mo": "MiBps-Month"}
_SIZES: Final[Mapping[str, Decimal]] = {
    "nano": Decimal("0.25"),
    "micro": Decimal("0.5"),
    "small": Decimal(1),
    "medium": Decimal(2),
    "large": Decimal(4),
    "xlarge": Decimal(8),
}


class Kind(NamedTuple):
    """What lines have in common that Cost Explorer cannot tell apart, or can: `price` is the book's key."""

    meter: str
    usage_type: str
    where: Where
    price: str
    unit: str
    account: str


def kind_of(line: Line, account: str) -> Kind:
    """The kind of a line."""
    price = line.price.key if line.price is not None else ""
    return Kind(line.meter, line.usage_type, line.where, price, line.unit, account)


def unit_of(kind: Kind) -> str:
    """The unit of its usage, as Cost Explorer writes it."""
    return _UNITS.get(kind.unit, kind.unit)


def _service(kind: Kind) -> str:
    if kind.meter == "transfer":
        operation = kind.where.operation
        sender = next((name for name, words in _SENDERS if any(w in operation for w in words.split())), "s3")
        return _SERVICES[sender]
    return _SERVICES[kind.meter.partition(".")[0]]


def _instance_type(kind: Kind) -> str:
    name, _, type_name = kind.price.partition(":")
    return type_name if name in ("ec2.instance", "rds.instance") else ""


def _of_instances(value: str) -> Callable[[Kind], str]:
    return lambda kind: value if kind.price.startswith("ec2.instance:") else ""


def _purchase(kind: Kind) -> str:
    if "SpotUsage" in kind.usage_type:
        return "Spot Instances"
    return "On Demand Instances" if _instance_type(kind) else ""


def _always(value: str) -> Callable[[Kind], str]:
    return lambda _: value


DIMENSIONS: Final[Mapping[str, Callable[[Kind], str]]] = {
    "AZ": lambda kind: kind.where.zone,
    "BILLING_ENTITY": _always("AWS"),
    "INSTANCE_TYPE": _instance_type,
    "INSTANCE_TYPE_FAMILY": lambda kind: _instance_type(kind).removeprefix("db.").partition(".")[0],
    "INVOICING_ENTITY": _always("Amazon Web Services, Inc."),
    "LEGAL_ENTITY_NAME": _always("Amazon Web Services, Inc."),
    "LINKED_ACCOUNT": lambda kind: kind.account,
    "OPERATING_SYSTEM": _of_instances("Linux"),
    "OPERATION": lambda kind: kind.where.operation,
    "PLATFORM": _of_instances("Linux/UNIX"),
    "PURCHASE_TYPE": _purchase,
    "RECORD_TYPE": _always("Usage"),
    "REGION": lambda kind: kind.where.region,
    "SERVICE": _service,
    "TENANCY": _of_instances("Shared"),
    "USAGE_TYPE": lambda kind: kind.usage_type,
}
"""The value of each dimension for a kind; empty where it has none."""

GROUPING: Final = tuple(DIMENSIONS)
"""What costs can be grouped by."""


def normalized_factor(kind: Kind) -> Decimal:
    """How many hours of a small instance one of its hours is; 0 for what is no instance.

    EC2 User Guide, "How Reserved Instance discounts are applied" (the normalization factors).
    """
    size = _instance_type(kind).rpartition(".")[2]
    if size in _SIZES:
        return _SIZES[size]
    times = size.removesuffix("xlarge")
    return Decimal(8) * int(times) if times.isdecimal() and size.endswith("xlarge") else Decimal(0)
