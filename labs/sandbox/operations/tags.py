"""aws:ResourceTag/…: the tags that a resource has now, whatever service it is of.

S3 is left out: there, tags of buckets count only where a bucket asks for it, and those of objects have a key
of their own, s3:ExistingObjectTag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from labs.sandbox.live import live
from labs.sandbox.operations.plan import PlannedCheck

__all__ = ["tagged", "tags_of"]

# Services with a second name for the same key.
_SECOND_NAME = {"ec2": "ec2:ResourceTag", "iam": "iam:ResourceTag"}
# Where moto keeps what in IAM has tags.
_IAM_STORES = {
    "instance-profile": "instance_profiles",
    "policy": "managed_policies",
    "role": "roles",
    "user": "users",
}


def tagged(check: PlannedCheck, region: str, account: str) -> PlannedCheck:
    """A check with the tags of its resource among its condition keys."""
    tags = tags_of(check.resource, region, account)
    if not tags:
        return check
    prefixes = ("aws:ResourceTag", *filter(None, [_second_name(check.resource)]))
    keys = {f"{prefix}/{key}": value for prefix in prefixes for key, value in tags.items()}
    return replace(check, context={**keys, **check.context})


def _second_name(arn: str) -> str | None:
    service, resource = arn.split(":", 5)[2::3]
    # RDS has a key for each kind of resource: rds:db-tag, rds:snapshot-tag.
    return f"rds:{resource.partition(':')[0]}-tag" if service == "rds" else _SECOND_NAME.get(service)


def tags_of(arn: str, region: str, account: str) -> Mapping[str, str]:
    """The tags of the resource with this ARN; none when there is no such resource.

    Args:
        region: where to look when the ARN names none, and so the account.
    """
    parts = arn.split(":", 5)
    if len(parts) != 6 or "*" in parts[5]:
        return {}
    reader = _READERS.get(parts[2])
    # The ARN of an image or a snapshot names no account, and AWS's own policies have no tags.
    home = parts[4] or account
    return _flat(reader(arn, home, parts[3] or region, parts[5])) if reader and home.isdigit() else {}


def _flat(tags: Any) -> dict[str, str]:
    """Tags as moto's models keep them: by key, or as pairs in a list or in a dictionary."""
    if isinstance(tags, Mapping):
        if all(isinstance(value, str) for value in tags.values()):
            return dict(tags)
        tags = tags.values()
    pairs: Iterable[Mapping[str, str]] = tags or ()
    lowered = ({name.lower(): text for name, text in pair.items()} for pair in pairs)
    return {str(pair["key"]): str(pair.get("value") or "") for pair in lowered if "key" in pair}


def _tags_in(things: Iterable[Any], arn: str) -> Any:
    """The tags of the one with this ARN."""
    return getattr(next((each for each in things if each.arn == arn), None), "tags", None)


def _of_ec2(arn: str, account: str, region: str, resource: str) -> Any:
    ec2 = live("ec2", account, region)
    # moto's table makes an entry for whoever asks by subscript.
    return ec2.tags.get(resource.partition("/")[2]) if ec2 else None


def _of_iam(arn: str, account: str, region: str, resource: str) -> Any:
    kind = resource.partition("/")[0]
    store = getattr(live("iam", account), _IAM_STORES.get(kind, ""), {})
    if kind == "policy":  # these are kept by ARN, and looking through 1,500 of AWS's own takes long
        return getattr(store.get(arn), "tags", None)
    return _tags_in(store.values(), arn)


def _of_sqs(arn: str, account: str, region: str, resource: str) -> Any:
    sqs = live("sqs", account, region)
    return getattr(sqs.queues.get(resource), "tags", None) if sqs else None


def _of_sns(arn: str, account: str, region: str, resource: str) -> Any:
    sns = live("sns", account, region)
    return getattr(sns.topics.get(arn), "_tags", None) if sns else None


def _of_dynamodb(arn: str, account: str, region: str, resource: str) -> Any:
    dynamodb = live("dynamodb", account, region)
    # An index has the tags of its table.
    name = resource.removeprefix("table/").partition("/")[0]
    return getattr(dynamodb.tables.get(name), "tags", None) if dynamodb else None


def _of_lambda(arn: str, account: str, region: str, resource: str) -> Any:
    backend = live("awslambda", account, region)
    if backend is None or not resource.startswith("function:"):
        return None
    name = resource.split(":")[1]
    found = next((each for each in backend.list_functions() if each.function_name == name), None)
    return getattr(found, "tags", None)


def _of_rds(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.rds.exceptions import RDSClientError

    rds = live("rds", account, region)
    try:
        return rds.list_tags_for_resource(arn) if rds else None
    except RDSClientError:
        return None


def _of_kms(arn: str, account: str, region: str, resource: str) -> Any:
    kms = live("kms", account, region)
    pairs = kms.tagger.list_tags_for_resource(resource.removeprefix("key/"))["Tags"] if kms else ()
    return {pair["TagKey"]: pair["TagValue"] for pair in pairs}


def _of_secret(arn: str, account: str, region: str, resource: str) -> Any:
    return _tags_in(getattr(live("secretsmanager", account, region), "secrets", {}).values(), arn)


_READERS: Mapping[str, Callable[[str, str, str, str], Any]] = {
    "dynamodb": _of_dynamodb,
    "ec2": _of_ec2,
    "iam": _of_iam,
    "kms": _of_kms,
    "lambda": _of_lambda,
    "rds": _of_rds,
    "secretsmanager": _of_secret,
    "sns": _of_sns,
    "sqs": _of_sqs,
}
