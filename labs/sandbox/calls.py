"""The API call that needs an IAM action on a resource, with the least parameters that AWS takes for it.

>>> call_for("s3:ListBucket", "arn:aws:s3:::training-7f").command
'aws s3api list-objects-v2 --bucket training-7f'

Most actions have the name of their operation. Parameters come from botocore's models: what names the resource
is taken from its ARN, and what else is required gets a small value of its type. Source: Service Authorization
Reference, "Actions, resources, and condition keys for AWS services".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from labs.aws.arn import Arn
from labs.errors import InputError
from labs.sandbox.operations.reference import action_prefix
from labs.sandbox.values import ACCOUNT, REGION

__all__ = ["ApiCall", "call_for"]

OPERATIONS: Final[Mapping[str, str]] = {
    "lambda:InvokeFunction": "Invoke",
    "s3:DeleteObjectVersion": "DeleteObject",
    "s3:GetObjectVersion": "GetObject",
    "s3:ListAllMyBuckets": "ListBuckets",
    "s3:ListBucket": "ListObjectsV2",
    "s3:ListBucketMultipartUploads": "ListMultipartUploads",
    "s3:ListBucketVersions": "ListObjectVersions",
    "s3:ListMultipartUploadParts": "ListParts",
}
"""The operations of actions that have another name."""
COMMANDS: Final = {"s3": "s3api"}
WORD: Final = "x"
DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call as boto3 makes it, and as one types it for the AWS CLI."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def method(self) -> str:
        """The name of boto3's method."""
        from botocore import xform_name

        return str(xform_name(self.operation))

    @property
    def command(self) -> str:
        """`aws s3api get-object --bucket b --key k`"""
        from botocore import xform_name

        words = ["aws", COMMANDS.get(self.service, self.service), str(xform_name(self.operation, "-"))]
        for name, value in self.parameters.items():
            option = f"--{xform_name(name, '-')}"
            words += [option] if value is True else [option, *_typed(value)]
        return shlex.join(words)


def call_for(action: str, resource: str, *, account: str = ACCOUNT, region: str = REGION) -> ApiCall:
    """The call that needs an action on a resource, given by its ARN or as `*`.

    Raises:
        InputError: no operation has this action's name.
    """
    prefix, _, name = action.partition(":")
    wanted = OPERATIONS.get(action, name)
    for service in _services(prefix):
        model = _model(service)
        found = next((each for each in model.operation_names if each.lower() == wanted.lower()), None)
        if found is not None:
            shape = model.operation_model(found).input_shape
            names = _names(resource, account, region)
            parameters = _parameters(shape, names) if shape is not None else {}
            return ApiCall(service, found, parameters)
    raise InputError(
        f"No call is named like {action}", "It is an action that other calls need.", "Ask the simulator."
    )


@cache
def _services(prefix: str) -> tuple[str, ...]:
    """The services of botocore that have an IAM prefix."""
    from botocore.session import Session

    return tuple(each for each in Session().get_available_services() if action_prefix(each) == prefix)


@cache
def _model(service: str) -> Any:
    from botocore.session import Session

    return Session().get_service_model(service)


@dataclass(frozen=True, slots=True)
class _Names:
    """What an ARN says of its resource: all of it, its kind, its name; nothing for `*`."""

    arn: str = ""
    service: str = ""
    kind: str = ""
    name: str = ""
    account: str = ""
    region: str = ""


def _names(resource: str, account: str, region: str) -> _Names:
    if resource == "*":
        return _Names(account=account, region=region)
    arn = Arn.parse(resource)
    kind, separator, name = arn.resource.replace(":", "/", 1).partition("/")
    if arn.service == "s3" or not separator:
        kind, name = {"sns": "topic", "sqs": "queue"}.get(arn.service, ""), arn.resource
    return _Names(str(arn), arn.service, kind, name, arn.account or account, arn.region or region)


def _parameters(shape: Any, names: _Names) -> dict[str, Any]:
    """The required members, and those that name the resource."""
    found: dict[str, Any] = {}
    for member, of in shape.members.items():
        value = _naming(member, names)
        if value is not None and of.type_name in ("string", "list"):
            found[member] = [value] if of.type_name == "list" else value
        elif member == "DryRun":
            found[member] = True
        elif member in shape.required_members:
            found[member] = _least(of, names, DEEPEST)
    return found


def _naming(member: str, names: _Names) -> str | None:
    """What a member that names the resource is given; None for another member."""
    if names.service == "s3":
        bucket, _, key = names.name.partition("/")
        return {"Bucket": bucket, "Key": key}.get(member) or None
    if not names.name:
        return None
    kind = names.kind.replace("-", "").lower()
    if member in ("ResourceArn", "ResourceARN") or member.lower() == f"{kind}arn":
        return names.arn
    if member == "QueueUrl":
        return f"https://sqs.{names.region}.amazonaws.com/{names.account}/{names.name}"
    if member.lower() in _spellings(kind) or (names.service, member) in _OWN_NAMES:
        return names.name
    return None


_OWN_NAMES: Final = {
    ("kms", "KeyId"),
    ("secretsmanager", "SecretId"),
    ("ssm", "Name"),
    ("rds", "DBInstanceIdentifier"),
}


def _spellings(kind: str) -> Iterator[str]:
    """How members call the name of a kind of resource: tablename, instanceid, instanceids."""
    for ending in ("name", "id", "ids", "names", "identifier"):
        yield kind + ending


def _least(shape: Any, names: _Names, depth: int) -> Any:
    """A small value of a type that AWS takes."""
    match shape.type_name:
        case "structure":
            members = shape.required_members or list(shape.members)[:1]
            return {each: _least(shape.members[each], names, depth - 1) for each in members} if depth else {}
        case "list":
            return [_least(shape.member, names, depth - 1)] if depth else []
        case "map":
            return {WORD: _least(shape.value, names, depth - 1)} if depth else {}
        case "boolean":
            return False
        case "integer" | "long":
            return int(shape.metadata.get("min", 1))
        case "float" | "double":
            return float(shape.metadata.get("min", 1))
        case "blob":
            return b"x"
        case "timestamp":
            return datetime(2026, 1, 1, tzinfo=UTC)
    enum = getattr(shape, "enum", None)
    return enum[0] if enum else WORD * max(1, int(shape.metadata.get("min", 1)))


def _typed(value: Any) -> list[str]:
    """A value as the words that an option of the AWS CLI takes."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return [value if isinstance(value, str) else json.dumps(value, default=_plain)]


def _plain(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
