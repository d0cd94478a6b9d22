"""What CloudTrail keeps of a call: who made it, how, and with what, in the form of its records.

Kept are management events; what is done with the contents of a bucket, a table, a queue, a topic or a
function are data events, which CloudTrail's event history does not hold.

Source: CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events",
"CloudTrail userIdentity element" and "Logging data events"; Amazon S3 User Guide, "Amazon S3 CloudTrail
events".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from labs.aws.iam import PrincipalKind
from labs.sandbox import principals
from labs.sandbox.principals import Caller
from labs.sandbox.wire import Call, operation_model

__all__ = ["HIDDEN", "Record", "is_management", "record_of", "shown"]

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
LONGEST_TEXT: Final = 8_192  # characters of one parameter
LONGEST_ANSWER: Final = 16_384  # bytes
_STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"

_DATA: Mapping[str, frozenset[str]] = {
    service: frozenset(names.split())
    for service, names in {
        "s3": "AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject "
        "DeleteObjectTagging DeleteObjects GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold "
        "GetObjectRetention GetObjectTagging GetObjectTorrent HeadBucket HeadObject ListMultipartUploads "
        "ListObjectVersions ListObjects ListObjectsV2 ListParts PostObject PutObject PutObjectAcl "
        "PutObjectLegalHold PutObjectRetention PutObjectTagging RestoreObject SelectObjectContent UploadPart "
        "UploadPartCopy",
        "dynamodb": "BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem ExecuteStatement "
        "ExecuteTransaction GetItem PutItem Query Scan TransactGetItems TransactWriteItems UpdateItem",
        "dynamodbstreams": "GetRecords GetShardIterator",
        "sqs": "ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch "
        "ReceiveMessage SendMessage SendMessageBatch",
        "sns": "Publish PublishBatch",
        "lambda": "Invoke InvokeAsync InvokeWithResponseStream",
        "kinesis": "GetRecords GetShardIterator PutRecord PutRecords SubscribeToShard",
        "cloudwatch": "GetMetricData GetMetricStatistics GetMetricWidgetImage ListMetrics PutMetricData",
        "logs": "FilterLogEvents GetLogEvents PutLogEvents",
    }.items()
}

# Members that no record shows, beside those that the service's model marks as sensitive.
_HIDDEN: Mapping[str, str] = {
    "MasterUserPassword": "****",
    "UserData": "<sensitiveDataRemoved>",
    "PublicKeyMaterial": "<sensitiveDataRemoved>",
    "KeyMaterial": "<sensitiveDataRemoved>",
    "SecretAccessKey": HIDDEN,
    "SecretString": HIDDEN,
    "SecretBinary": HIDDEN,
}


@dataclass(frozen=True, slots=True)
class Record:
    """What a record says beside the event in the ledger.

    `account` is the account whose history has it, and `user` the name that a lookup finds it by. `answer` is
    the answer to a change: its status, its headers and its body; None where records leave that out.
    """

    account: str
    user: str
    key: str
    identity: Mapping[str, Any]
    agent: str
    address: str
    parameters: Mapping[str, Any] | None
    protocol: str
    endpoint: str = ""
    answer: tuple[int, Mapping[str, str], bytes] | None = field(default=None, repr=False)


def is_management(call: Call) -> bool:
    """Whether a call is a management event."""
    return call.operation not in _DATA.get(call.service, ())


def record_of(
    call: Call,
    caller: Caller,
    account: str,
    agent: str,
    address: str,
    context: Mapping[str, Any],
    answer: tuple[int, Mapping[str, str], bytes] | None,
) -> Record:
    """The record of a management event.

    Args:
        account: the one that the call acted in.
        context: the keys with which IAM was asked, for the way that the call came.
        answer: to a change that went through.
    """
    if answer is not None and len(answer[2]) > LONGEST_ANSWER:
        answer = None
    inside = context.get("aws:SourceVpce")
    return Record(
        account=account,
        user=_user(caller),
        key=caller.credential.access_key_id if caller.credential else "",
        identity=_identity(caller),
        agent=agent,
        address=str(context.get("aws:VpcSourceIp" if inside else "aws:SourceIp") or address),
        parameters=shown(call.params, operation_model(call).input_shape) or None,
        protocol=call.protocol,
        endpoint=str(inside or ""),
        answer=answer,
    )


def _user(caller: Caller) -> str:
    principal = caller.principal
    if principal.kind is PrincipalKind.ROOT:
        return "root"
    return principal.session_name or principal.name


def _identity(caller: Caller) -> dict[str, Any]:
    principal = caller.principal
    if caller.credential is None:
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    entity = principals.entity_of(principal)
    types = {
        PrincipalKind.ROOT: "Root",
        PrincipalKind.USER: "IAMUser",
        PrincipalKind.SESSION: "AssumedRole",
        PrincipalKind.FEDERATED: "FederatedUser",
    }
    told: dict[str, Any] = {
        "type": types[principal.kind],
        "principalId": principals.unique_id(principal, entity) or "",
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": caller.credential.access_key_id,
    }
    if principal.kind is PrincipalKind.USER:
        told["userName"] = principal.name
    if caller.credential.temporary:
        told["sessionContext"] = _session(caller, entity)
    return told


def _session(caller: Caller, entity: Any) -> dict[str, Any]:
    credential, session, principal = caller.credential, caller.session, caller.principal
    assert credential is not None
    attributes = {"mfaAuthenticated": "true" if session is not None and session.mfa else "false"}
    if credential.issued is not None:
        attributes["creationDate"] = _stamp(credential.issued)
    told: dict[str, Any] = {"attributes": attributes}
    if entity is not None and principal.kind in (PrincipalKind.SESSION, PrincipalKind.FEDERATED):
        told["sessionIssuer"] = {
            "type": "Role" if principal.kind is PrincipalKind.SESSION else "IAMUser",
            "principalId": str(entity.id),
            "arn": str(entity.arn),
            "accountId": principal.account,
            "userName": str(entity.name),
        }
    if session is not None and session.source_identity:
        told["sourceIdentity"] = session.source_identity
    return told


def _stamp(moment: datetime) -> str:
    return moment.strftime(_STAMP)


def shown(value: Any, shape: Any, name: str = "") -> Any:
    """A value of an input or output as plain JSON: names begin small, as `dBInstanceClass` for
    `DBInstanceClass`, secrets are hidden, contents are left out.
    """
    if name in _HIDDEN:
        return _HIDDEN[name]
    if shape is not None and shape.metadata.get("sensitive"):
        return HIDDEN
    if isinstance(value, Mapping):
        members = getattr(shape, "members", {}) if shape is not None else {}
        structure = shape is not None and shape.type_name == "structure"
        below = getattr(shape, "value", None)
        return {
            key[:1].lower() + key[1:] if structure else str(key): told
            for key, each in value.items()
            if (told := shown(each, members.get(key) if structure else below, str(key))) is not None
        }
    if isinstance(value, (list, tuple)):
        member = getattr(shape, "member", None)
        return [told for each in value if (told := shown(each, member)) is not None]
    if isinstance(value, datetime):
        return _stamp(value)
    if isinstance(value, (bool, int, float)):
        return value
    return value[:LONGEST_TEXT] if isinstance(value, str) else None
