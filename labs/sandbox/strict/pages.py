"""AWS's pages, as the rules name them."""

from __future__ import annotations

from labs.sandbox.strict.rules import Source

__all__ = ["ec2_api", "iam_api", "lambda_api", "page", "s3_api", "sns_api", "sqs_api"]

_DOCS = "https://docs.aws.amazon.com"
_GUIDES = {
    "VPC User Guide": f"{_DOCS}/vpc/latest/userguide",
    "VPC Peering Guide": f"{_DOCS}/vpc/latest/peering",
    "PrivateLink Guide": f"{_DOCS}/vpc/latest/privatelink",
    "EC2 User Guide": f"{_DOCS}/AWSEC2/latest/UserGuide",
    "EC2 Developer Guide": f"{_DOCS}/ec2/latest/devguide",
    "EC2 API Reference": f"{_DOCS}/AWSEC2/latest/APIReference",
    "EBS User Guide": f"{_DOCS}/ebs/latest/userguide",
    "IAM API Reference": f"{_DOCS}/IAM/latest/APIReference",
    "IAM User Guide": f"{_DOCS}/IAM/latest/UserGuide",
    "STS API Reference": f"{_DOCS}/STS/latest/APIReference",
    "S3 User Guide": f"{_DOCS}/AmazonS3/latest/userguide",
    "S3 API Reference": f"{_DOCS}/AmazonS3/latest/API",
    "SNS API Reference": f"{_DOCS}/sns/latest/api",
    "SNS Developer Guide": f"{_DOCS}/sns/latest/dg",
    "SQS API Reference": f"{_DOCS}/AWSSimpleQueueService/latest/APIReference",
    "SQS Developer Guide": f"{_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide",
    "Lambda API Reference": f"{_DOCS}/lambda/latest/api",
    "Lambda Developer Guide": f"{_DOCS}/lambda/latest/dg",
    "EventBridge User Guide": f"{_DOCS}/eventbridge/latest/userguide",
    "KMS Developer Guide": f"{_DOCS}/kms/latest/developerguide",
}


def page(guide: str, title: str, file: str) -> Source:
    """A page of a guide: its title, and its file name without .html."""
    return Source(f'{guide}, "{title}"', f"{_GUIDES[guide]}/{file}.html")


def ec2_api(operation: str) -> Source:
    return page("EC2 API Reference", operation, f"API_{operation}")


def iam_api(operation: str) -> Source:
    return Source(
        f'IAM API Reference, "{operation}"', f"{_DOCS}/IAM/latest/APIReference/API_{operation}.html"
    )


def s3_api(operation: str) -> Source:
    return page("S3 API Reference", operation, f"API_{operation}")


def sns_api(operation: str) -> Source:
    return page("SNS API Reference", operation, f"API_{operation}")


def sqs_api(operation: str) -> Source:
    return page("SQS API Reference", operation, f"API_{operation}")


def lambda_api(operation: str) -> Source:
    return page("Lambda API Reference", operation, f"API_{operation}")
