"""Which service a request is for: by its signing name, or, when nobody signed it, by what it still shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

from labs.sandbox.clean import CleanRequest
from labs.sandbox.raw import RawRequest

__all__ = ["candidates", "known_regions", "unsigned_service"]

# Signing names that are not the name of the one botocore service behind them, in the order to try.
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "aidevops": ("devops-agent",),
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "aps": ("amp",),
    "aws-marketplace": ("meteringmarketplace",),
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-runtime"),
    "bedrock-agentcore": ("bedrock-agentcore", "bedrock-agentcore-control"),
    "cloudhsm": ("cloudhsm", "cloudhsmv2"),
    "connect-campaigns": ("connectcampaigns", "connectcampaignsv2"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "elasticmapreduce": ("emr",),
    "es": ("es", "opensearch"),
    "execute-api": ("apigatewaymanagementapi",),
    "greengrass": ("greengrass", "greengrassv2"),
    "iotdata": ("iot-data",),
    "kinesisanalytics": ("kinesisanalytics", "kinesisanalyticsv2"),
    "kinesisvideo": ("kinesisvideo", "kinesis-video-archived-media"),
    "lex": ("lexv2-models",),
    "mediastore": ("mediastore", "mediastore-data"),
    "mobiletargeting": ("pinpoint",),
    "monitoring": ("cloudwatch",),
    "s3-outposts": ("s3outposts",),
    "sagemaker": ("sagemaker", "sagemaker-runtime", "sagemaker-metrics"),
    "servicecatalog": ("servicecatalog", "servicecatalog-appregistry"),
    "servicequotas": ("service-quotas",),
    "ses": ("ses", "sesv2"),
    "sso": ("sso-admin",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "timestream": ("timestream-query", "timestream-write"),
}
# What an unsigned request still shows of its service: the target's prefix, or the API version of a query.
_TARGETS = {
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodb",
    "AmazonSQS": "sqs",
    "TrentService": "kms",
    "Logs_20140328": "logs",
    "AmazonSSM": "ssm",
    "secretsmanager": "secretsmanager",
    "GraniteServiceVersion20100801": "monitoring",
}
_VERSIONS = {
    "2010-05-08": "iam",
    "2011-06-15": "sts",
    "2016-11-15": "ec2",
    "2012-11-05": "sqs",
    "2010-03-31": "sns",
    "2014-10-31": "rds",
}


def unsigned_service(raw: RawRequest) -> str:
    """The signing name of the service that an unsigned request is meant for; S3 when nothing else shows."""
    target = raw.header("x-amz-target")
    if target:
        return _TARGETS.get(target.partition(".")[0], "s3")
    fields = dict(raw.query)
    if (raw.header("content-type") or "").startswith("application/x-www-form-urlencoded"):
        fields |= parse_qsl(raw.body.decode("latin-1"))
    return _VERSIONS.get(fields.get("Version", ""), "s3") if "Action" in fields else "s3"


def candidates(signing_name: str, request: CleanRequest | None) -> tuple[str, ...]:
    """The botocore services behind a signing name, in the order to try."""
    if signing_name == "s3" and request is not None:
        # moto tells the two apart in the same way.
        control = request.path.startswith("/v20180820/") or "s3-control" in request.header("host")
        return ("s3control",) if control else ("s3",)
    return _SERVICES.get(signing_name, (signing_name,))


@lru_cache(maxsize=1)
def known_regions() -> frozenset[str]:
    """All regions of all partitions that botocore knows, and the pseudo-region of global services."""
    from botocore.regions import EndpointResolver
    from botocore.session import create_loader

    table = EndpointResolver(create_loader().load_data("endpoints"))
    partitions = table.get_available_partitions()
    return frozenset(
        region for name in partitions for region in table.get_available_endpoints("ec2", name)
    ) | {"aws-global"}
