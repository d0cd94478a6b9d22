"""How each service writes its ARNs: with or without Region and account, and which resource types.

Source: Service Authorization Reference, "Resource types defined by …" of each service.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias

__all__ = ["SERVICES", "Presence", "Service", "nearest_service"]

Presence: TypeAlias = Literal["always", "never", "either"]


@dataclass(frozen=True, slots=True)
class Service:
    """One service's form; a service without `types` writes the bare name of the resource."""

    title: str
    region: Presence
    account: Presence
    separator: str
    types: tuple[str, ...]


def _service(
    title: str,
    types: str = "",
    separator: str = "/",
    region: Presence = "always",
    account: Presence = "always",
) -> Service:
    return Service(title, region, account, separator, tuple(types.split()))


SERVICES: Final = {
    "acm": _service("Certificate Manager", "certificate"),
    "autoscaling": _service("EC2 Auto Scaling", "autoScalingGroup launchConfiguration", ":"),
    "budgets": _service("Budgets", "budget", region="never"),
    "cloudformation": _service("CloudFormation", "stack stackset changeSet"),
    "cloudfront": _service("CloudFront", "distribution function", region="never"),
    "cloudtrail": _service("CloudTrail", "trail"),
    "cloudwatch": _service("CloudWatch", "alarm", ":"),
    "dynamodb": _service("DynamoDB", "table"),
    "ec2": _service(
        "EC2",
        "instance volume snapshot image subnet vpc security-group security-group-rule network-interface "
        "network-acl key-pair launch-template internet-gateway route-table natgateway elastic-ip "
        "vpc-endpoint vpc-peering-connection placement-group",
    ),
    "ecr": _service("Elastic Container Registry", "repository"),
    "ecs": _service("Elastic Container Service", "cluster service task task-definition"),
    "elasticloadbalancing": _service("Elastic Load Balancing", "loadbalancer targetgroup listener"),
    "events": _service("EventBridge", "rule event-bus"),
    "iam": _service(
        "IAM",
        "user group role policy instance-profile mfa oidc-provider saml-provider server-certificate",
        region="never",
    ),
    "kms": _service("Key Management Service", "key alias"),
    "lambda": _service("Lambda", "function layer event-source-mapping", ":"),
    "logs": _service("CloudWatch Logs", "log-group", ":"),
    "rds": _service("RDS", "db cluster snapshot subgrp pg og", ":"),
    "route53": _service("Route 53", "hostedzone healthcheck", region="never", account="never"),
    "s3": _service("S3", region="never", account="never"),
    "sagemaker": _service(
        "SageMaker AI",
        "training-job endpoint endpoint-config model notebook-instance domain processing-job",
    ),
    "secretsmanager": _service("Secrets Manager", "secret", ":"),
    "sns": _service("SNS"),
    "sqs": _service("SQS"),
    "ssm": _service("Systems Manager", "parameter document managed-instance"),
    "states": _service("Step Functions", "stateMachine execution", ":"),
    "sts": _service("Security Token Service", "assumed-role federated-user", region="never"),
}

_NICKNAMES: Final = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "eventbridge": "events",
    "stepfunctions": "states",
}


def nearest_service(written: str) -> str | None:
    """The service that was probably meant; None when nothing is near."""
    lowered = written.lower()
    if lowered in SERVICES:
        return lowered
    if lowered in _NICKNAMES:
        return _NICKNAMES[lowered]
    found = get_close_matches(lowered[:40], SERVICES, n=1, cutoff=0.8)
    return found[0] if found else None
