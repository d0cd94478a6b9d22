"""aws:ResourceTag/…: the tags that a resource has now, whatever service it is of.

S3 is left out: there, tags of buckets count only where a bucket asks for it, and those of objects have a key
of their own, s3:ExistingObjectTag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from labs.sandbox.operations.plan import PlannedCheck

__all__ = ["tagged", "tags_of"]

# Services with a second name for the same key.
_SECOND_NAME = {"ec2": "ec2:ResourceTag", "iam": "iam:ResourceTag"}


def tagged(check: PlannedCheck, region: str) -> PlannedCheck:
    """A check with the tags of its resource among its condition keys."""
    tags = tags_of(check.resource, region)
    if not tags:
        return check
    service = check.resource.split(":")[2]
    prefixes = ("aws:ResourceTag", *filter(None, [_SECOND_NAME.get(service)]))
    keys = {f"{prefix}/{key}": value for prefix in prefixes for key, value in tags.items()}
    return replace(check, context={**keys, **check.context})


def tags_of(arn: str, region: str) -> Mapping[str, str]:
    """The tags of the resource with this ARN; none when there is no such resource.

    Args:
        region: where to look when the ARN names none.
    """
    parts = arn.split(":", 5)
    if len(parts) != 6 or "*" in parts[5]:
        return {}
    reader = _READERS.get(parts[2])
    # An image's ARN names no account, and no more does an AWS policy's.
    return _flat(reader(arn, parts[4], parts[3] or region, parts[5])) if reader and parts[4].isdigit() else {}


def _flat(tags: Any) -> dict[str, str]:
    """Tags as moto's models keep them: by key, or as pairs in a list or in a dictionary."""
    if isinstance(tags, Mapping):
        if all(isinstance(value, str) for value in tags.values()):
            return dict(tags)
        tags = tags.values()
    pairs: Iterable[Mapping[str, str]] = tags or ()
    lowered = ({name.lower(): text for name, text in pair.items()} for pair in pairs)
    return {str(pair["key"]): str(pair.get("value") or "") for pair in lowered if "key" in pair}


def _of_ec2(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.ec2.models import ec2_backends

    # moto's table makes an entry for whoever asks by subscript.
    return ec2_backends[account][region].tags.get(resource.partition("/")[2])


def _of_iam(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.iam.models import iam_backends

    iam = iam_backends[account]["aws"]
    stores = {
        "user": iam.users,
        "role": iam.roles,
        "policy": iam.managed_policies,
        "instance-profile": iam.instance_profiles,
    }
    entities = stores.get(resource.partition("/")[0], {}).values()
    return getattr(next((entity for entity in entities if entity.arn == arn), None), "tags", None)


def _of_sqs(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.sqs.models import sqs_backends

    return getattr(sqs_backends[account][region].queues.get(resource), "tags", None)


def _of_sns(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.sns.models import sns_backends

    return getattr(sns_backends[account][region].topics.get(arn), "_tags", None)


def _of_dynamodb(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.dynamodb.models import dynamodb_backends

    # An index has the tags of its table.
    name = resource.removeprefix("table/").partition("/")[0]
    return getattr(dynamodb_backends[account][region].tables.get(name), "tags", None)


def _of_lambda(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.awslambda.models import lambda_backends

    if not resource.startswith("function:"):
        return None
    unqualified = ":".join(arn.split(":")[:7])
    functions = lambda_backends[account][region].list_functions()
    return getattr(next((each for each in functions if each.function_arn == unqualified), None), "tags", None)


def _of_rds(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import rds_backends

    try:
        return rds_backends[account][region].list_tags_for_resource(arn)
    except RDSClientError:
        return None


def _of_kms(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.kms.models import kms_backends

    key_id = resource.removeprefix("key/")
    pairs = kms_backends[account][region].tagger.list_tags_for_resource(key_id)["Tags"]
    return {pair["TagKey"]: pair["TagValue"] for pair in pairs}


def _of_secret(arn: str, account: str, region: str, resource: str) -> Any:
    from moto.secretsmanager.models import secretsmanager_backends

    secrets = secretsmanager_backends[account][region].secrets.values()
    return getattr(next((secret for secret in secrets if secret.arn == arn), None), "tags", None)


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
