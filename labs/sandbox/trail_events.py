"""CloudTrail's record of a call, as its event history gives it out.

Parameters are named as in the API, with a small first letter, which is how most services log them; where EC2
and S3 have their own way for the commonest ones, that is followed. Other peculiarities of single services are
not.

Source: CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events"
and "CloudTrail log file examples"; AWS Lambda Developer Guide, "Logging AWS Lambda API calls using AWS
CloudTrail"; Amazon S3 User Guide, "Amazon S3 CloudTrail events".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from labs.sandbox.answers import output_of
from labs.sandbox.carrier import Answer
from labs.sandbox.operations import is_read
from labs.sandbox.trail import Record, shown
from labs.sandbox.values import Event
from labs.sandbox.wire import Call, operation_model

__all__ = ["event_name", "event_source", "reads", "resources_of", "written"]

VERSION: Final = "1.11"
_ID: Final = re.compile(
    r"\b(ami|eipalloc|eni|i|igw|nat|pcx|rtb|sg|snap|subnet|vol|vpc|vpce|acl|lt)-[0-9a-f]{8,17}\b"
)
_KINDS: Final = {
    "ami": "AWS::EC2::Ami",
    "acl": "AWS::EC2::NetworkAcl",
    "eipalloc": "AWS::EC2::EIP",
    "eni": "AWS::EC2::NetworkInterface",
    "i": "AWS::EC2::Instance",
    "igw": "AWS::EC2::InternetGateway",
    "lt": "AWS::EC2::LaunchTemplate",
    "nat": "AWS::EC2::NatGateway",
    "pcx": "AWS::EC2::VPCPeeringConnection",
    "rtb": "AWS::EC2::RouteTable",
    "sg": "AWS::EC2::SecurityGroup",
    "snap": "AWS::EC2::Snapshot",
    "subnet": "AWS::EC2::Subnet",
    "vol": "AWS::EC2::Volume",
    "vpc": "AWS::EC2::VPC",
    "vpce": "AWS::EC2::VPCEndpoint",
}
# By service: the parameter that names a resource, and what kind of resource that is.
_NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "s3": {"bucketName": "AWS::S3::Bucket"},
    "iam": {
        "userName": "AWS::IAM::User",
        "roleName": "AWS::IAM::Role",
        "groupName": "AWS::IAM::Group",
        "policyArn": "AWS::IAM::Policy",
        "instanceProfileName": "AWS::IAM::InstanceProfile",
        "accessKeyId": "AWS::IAM::AccessKey",
    },
    "sts": {"roleArn": "AWS::IAM::Role", "roleSessionName": "AWS::STS::AssumedRole"},
    "ec2": {"keyName": "AWS::EC2::KeyPair"},
    "sqs": {"queueUrl": "AWS::SQS::Queue", "queueName": "AWS::SQS::Queue"},
    "sns": {"topicArn": "AWS::SNS::Topic", "name": "AWS::SNS::Topic"},
    "lambda": {"functionName": "AWS::Lambda::Function"},
    "dynamodb": {"tableName": "AWS::DynamoDB::Table"},
    "rds": {"dBInstanceIdentifier": "AWS::RDS::DBInstance", "dBSnapshotIdentifier": "AWS::RDS::DBSnapshot"},
    "kms": {"keyId": "AWS::KMS::Key"},
    "secretsmanager": {"secretId": "AWS::SecretsManager::Secret", "name": "AWS::SecretsManager::Secret"},
}
_S3_NAMES: Final = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
}
# Lambda's records say of which version of its API an operation is; these are of its second form.
_LAMBDA_V2: Final = frozenset(
    ("AddPermission", "GetFunction", "GetPolicy", "RemovePermission", "UpdateFunctionCode")
) | {"UpdateFunctionConfiguration"}


def reads(event: Event) -> bool:
    """Whether a call changed nothing."""
    return is_read(event.service, event.operation)


def event_name(event: Event) -> str:
    """The operation as CloudTrail names it."""
    if event.service == "s3":
        return _S3_NAMES.get(event.operation, event.operation)
    if event.service == "lambda":
        return f"{event.operation}20150331{'v2' if event.operation in _LAMBDA_V2 else ''}"
    return event.operation


@lru_cache(maxsize=512)
def event_source(service: str, operation: str, region: str) -> str:
    """The service as CloudTrail names it, such as `monitoring.amazonaws.com`."""
    model = operation_model(Call(service, operation, {}, region, "")).service_model
    return f"{model.endpoint_prefix}.amazonaws.com"


def written(event: Event, record: Record) -> dict[str, Any]:
    """The record as JSON."""
    told: dict[str, Any] = {
        "eventVersion": VERSION,
        "userIdentity": record.identity,
        "eventTime": f"{event.time[:19]}Z",
        "eventSource": event_source(event.service, event.operation, event.region),
        "eventName": event_name(event),
        "awsRegion": event.region,
        "sourceIPAddress": record.address,
        "userAgent": record.agent,
        "requestParameters": parameters_of(event, record),
        "responseElements": _answered(event, record),
        "requestID": event.id,
        "eventID": event.id,
        "readOnly": reads(event),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": record.account,
        "eventCategory": "Management",
    }
    if event.error is not None:
        told["errorCode"] = _error(event)
        told["errorMessage"] = event.message or ""
    if record.endpoint:
        told["vpcEndpointId"] = record.endpoint
    return told


def _error(event: Event) -> str:
    """EC2's codes stand behind their side; IAM's have the names of its exceptions."""
    code = event.error or ""
    if event.service == "ec2":
        return f"{'Server' if event.status >= 500 else 'Client'}.{code}"
    if event.service in ("iam", "sts"):
        shapes = operation_model(Call(event.service, event.operation, {}, event.region, "")).error_shapes
        codes = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in shapes}
        return str(codes.get(code, code))
    return code


def parameters_of(event: Event, record: Record) -> dict[str, Any] | None:
    """The parameters in the words of the service's records."""
    found = dict(record.parameters or {})
    if event.service == "s3" and "bucket" in found:
        found["bucketName"] = found.pop("bucket")
    if event.service == "ec2" and "instanceIds" in found:
        items = [{"instanceId": each} for each in found.pop("instanceIds")]
        found["instancesSet"] = {"items": items}
    return found or None


def _answered(event: Event, record: Record) -> Any:
    """What the answer to a change said; None for a call that only reads, or that failed."""
    if record.answer is None:
        return None
    status, headers, body = record.answer
    call = Call(event.service, event.operation, {}, event.region, record.protocol)
    shape = operation_model(call).output_shape
    if shape is None or not body:
        return None
    return shown(output_of(call, Answer(status, tuple(headers.items()), body)), shape) or None


def resources_of(event: Event, record: Record) -> list[dict[str, str]]:
    """The resources that a call is about, each once."""
    found = dict.fromkeys(_resources(event, record))
    return [{"ResourceType": kind, "ResourceName": name} for kind, name in found]


def _resources(event: Event, record: Record) -> Iterator[tuple[str, str]]:
    parameters = parameters_of(event, record) or {}
    for name, kind in _NAMED.get(event.service, {}).items():
        if isinstance(value := parameters.get(name), str):
            yield kind, value
    if event.service == "ec2" and not reads(event):
        texts = [*_texts(parameters), *_texts(_answered(event, record))]
        for found in filter(None, map(_ID.fullmatch, texts)):
            yield _KINDS[found[1]], found[0]
    yield from _made(event, record)


def _made(event: Event, record: Record) -> Iterator[tuple[str, str]]:
    """The access key that was made, which only the answer names."""
    if (event.service, event.operation) == ("iam", "CreateAccessKey"):
        answered = _answered(event, record) or {}
        if key := answered.get("accessKey", {}).get("accessKeyId"):
            yield "AWS::IAM::AccessKey", str(key)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
