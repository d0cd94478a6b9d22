"""The rules by which usage becomes an amount, each in one plain sentence, and the services that have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["RULES", "SERVICES", "Service", "service_of"]

RULES: Final = {
    # EC2
    "ec2.running": "by the second while running, at least 60 s for each start; stopped costs nothing",
    "ec2.spot": "Spot, by the second while running, at least 60 s for each start",
    "ec2.spot-at-most": "Spot without a rate, at the On-Demand price: the most that a Spot Instance costs "
    "unless a higher maximum was asked for",
    "ec2.spot-interrupted": "AWS interrupted the Spot Instance in its first hour, which costs nothing",
    "ec2.cpu-credits": "surplus CPU credits that were not earned back: those above a day's earning at once, "
    "all others when the instance stops or terminates",
    # Lambda
    "lambda.duration": "each run rounded up to 1 ms, times its memory",
    "lambda.requests": "each invocation",
    # EBS
    "ebs.provisioned": "provisioned size as a share of the month's seconds, attached or not, used or not",
    "ebs.gp3-iops": "provisioned IOPS above the 3,000 that a gp3 volume includes",
    "ebs.gp3-throughput": "provisioned MiB/s above the 125 that a gp3 volume includes",
    "ebs.iops": "every provisioned IOPS, used or not",
    "ebs.snapshot": "blocks that changed since the snapshot before, as a share of the month's seconds",
    # S3
    "s3.byte-hours": "bytes times hours, divided by 2^30 and by the hours of this month",
    "s3.request-tier1": "PUT, COPY, POST and LIST, and each part of a multipart upload",
    "s3.request-tier2": "GET and all requests that are neither PUT, COPY, POST, LIST nor DELETE",
    "s3.request-free": "DELETE and the end of an unfinished upload are free",
    # Traffic
    "transfer.internet-out": "out to the internet, in tiers over the account's month",
    "transfer.internet-in": "in from the internet is free",
    "transfer.cross-az": "between Availability Zones, billed at both ends: each GB counts twice",
    "transfer.same-az": "in one Availability Zone over private addresses, which is free",
    "transfer.same-az-public": "in one Availability Zone but over public addresses, billed at both ends",
    "transfer.same-region": "to S3 or DynamoDB in the same Region, which is free",
    "transfer.cross-region": "to another Region, billed where it leaves",
    "nat.hours": "each hour that was begun, whole, in use or not",
    "nat.bytes": "each GB that the gateway passes on, in both directions",
    "ipv4": "a public IPv4 address by the second, in use or not",
    "ipv4.before-2024-02": "an address in use cost nothing before 1 February 2024",
    "vpce.hours": "each hour that was begun, whole, in each Availability Zone",
    "vpce.bytes": "each GB that the endpoint passes on",
    "alb.hours": "each hour that was begun, whole",
    "alb.lcu": "the largest of new connections, active connections, GB and rule evaluations",
    # RDS
    "rds.running": "by the second while available, at least 10 minutes for each start",
    "rds.multi-az": "by the second while available, at least 10 minutes; the standby bills as well",
    "rds.storage": "provisioned size as a share of the month's seconds, also while the instance is stopped",
    "rds.storage-multi-az": "provisioned size as a share of the month's seconds, in two zones",
    # DynamoDB, SQS, SNS
    "dynamodb.write": "a unit for each KB of an item; a transactional write takes two",
    "dynamodb.read": "a unit for each 4 KB of an item; an eventual read takes half, a transactional one two",
    "dynamodb.storage": "GB as a share of the month's seconds",
    "sqs.request": "each request, an empty receive too; every 64 KB of payload is one",
    "sns.publish": "each message published; every 64 KB of it is one",
    "sns.delivery": "each notification; to queues and functions they are free",
    # What is not paid
    "free-tier.legacy": "within the Free Tier of the account's first twelve months, shared by all such usage",
    "free-tier.always": "within what is always free, shared by all such usage",
    "credits": "paid from the account's Free Tier credits",
}
"""Each rule's name, and what it says."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as bills group it: `label` in a drawing, `name` and `category` as FOCUS has them."""

    label: str
    name: str
    category: str


_VPC: Final = "Amazon Virtual Private Cloud"
SERVICES: Final = {
    "ec2": Service("EC2 compute", "Amazon Elastic Compute Cloud", "Compute"),
    "ebs": Service("EBS", "Amazon Elastic Block Store", "Storage"),
    "s3": Service("S3", "Amazon Simple Storage Service", "Storage"),
    "transfer": Service("Data transfer", "AWS Data Transfer", "Networking"),
    "nat": Service("NAT gateway", _VPC, "Networking"),
    "ipv4": Service("Public IPv4", _VPC, "Networking"),
    "vpce": Service("VPC endpoints", _VPC, "Networking"),
    "alb": Service("Load balancer", "Elastic Load Balancing", "Networking"),
    "lambda": Service("Lambda", "AWS Lambda", "Compute"),
    "rds": Service("RDS", "Amazon Relational Database Service", "Databases"),
    "dynamodb": Service("DynamoDB", "Amazon DynamoDB", "Databases"),
    "sqs": Service("SQS", "Amazon Simple Queue Service", "Integration"),
    "sns": Service("SNS", "Amazon Simple Notification Service", "Integration"),
}


def service_of(meter: str) -> Service:
    """The service of a meter."""
    return SERVICES[meter.partition(".")[0]]
