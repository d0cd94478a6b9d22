"""Whom the policies of AWS Organizations bind: SCPs the callers, RCPs the resources of member accounts.

Source: Organizations User Guide, "Service control policies (SCPs)" (Tasks and entities not restricted by
SCPs) and "Resource control policies (RCPs)" (Resources and entities not restricted by RCPs).
"""

from __future__ import annotations

from typing import Final

from labs.aws.iam.requests import Request

__all__ = ["RCP_SERVICES", "bound_by_rcps", "bound_by_scps"]

_NAMES: Final = """
    aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch
    cloudtrail-data codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend
    comprehendmedical compute-optimizer cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose
    fis fms gamelift health inspector-scan kendra kinesisvideo kms logs memorydb networkmonitor notifications
    opensearch pca-connector-ad personalize polly pricing resource-groups rolesanywhere s3 secretsmanager
    servicediscovery signin sqs sts support swf textract timestream-influxdb transcribe transfer translate
    wafv2 workspaces xray
"""
RCP_SERVICES: Final = frozenset(_NAMES.split())
"""The services whose actions an RCP can restrict, as of September 2026."""


def bound_by_scps(request: Request, management: str | None) -> bool:
    """Whether the caller can be limited by SCPs; `management` is the organization's management account."""
    principal = request.principal
    return not principal.is_service_linked and (management is None or principal.account != management)


def bound_by_rcps(request: Request, management: str | None) -> bool:
    """Whether RCPs have a say about this resource; `management` is the organization's management account."""
    if request.service not in RCP_SERVICES or request.action_key == "kms:retiregrant":
        return False
    if request.principal.is_service_linked or ":role/aws-service-role/" in request.resource:
        return False
    return management is None or request.owner != management
