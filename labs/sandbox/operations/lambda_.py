"""Lambda: a function by its name, its ARN or part of one; creating a function passes its role on.

Source: AWS Lambda Developer Guide, "Fine-tuning the Resources and Conditions sections of policies".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labs.sandbox.operations.plan import PlannedCheck, Rule, Scene, passed_role, tag_context
from labs.sandbox.operations.reference import action_exists

__all__ = ["RULES"]


def _function_arn(scene: Scene) -> str:
    """NAME, ACCOUNT:function:NAME or a whole ARN, each with or without a version after a last colon."""
    name = scene.text("FunctionName")
    if name.startswith("arn:"):
        return name
    if ":function:" in name:
        account, _, name = name.partition(":function:")
        return f"arn:aws:lambda:{scene.region}:{account}:function:{name}"
    qualifier = scene.text("Qualifier")
    resource = f"function:{name}:{qualifier}" if qualifier and ":" not in name else f"function:{name}"
    return scene.arn("lambda", resource)


def _on_function(action: str | None = None) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        name = action or scene.call.operation
        context = tag_context(scene.params.get("Tags"))
        if scene.params.get("Principal"):
            context["lambda:Principal"] = scene.text("Principal")
        known = action_exists("lambda", name)
        yield PlannedCheck(f"lambda:{name}", _function_arn(scene), context=context, approximate=not known)

    return rule


def _with_role(scene: Scene) -> Iterator[PlannedCheck]:
    yield from _on_function()(scene)
    if scene.params.get("Role"):
        yield passed_role(scene.text("Role"), "lambda.amazonaws.com")


def _event_source(scene: Scene) -> Iterator[PlannedCheck]:
    context: dict[str, Any] = {}
    if scene.params.get("FunctionName"):
        context["lambda:FunctionArn"] = _function_arn(scene)
    mapping = scene.text("UUID") or "*"
    resource = scene.arn("lambda", f"event-source-mapping:{mapping}")
    yield PlannedCheck(f"lambda:{scene.call.operation}", resource, context=context)


def _account_wide(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck(f"lambda:{scene.call.operation}", "*")


_ON_FUNCTION = (
    "AddPermission",
    "CreateAlias",
    "CreateFunctionUrlConfig",
    "DeleteAlias",
    "DeleteFunction",
    "DeleteFunctionConcurrency",
    "DeleteFunctionEventInvokeConfig",
    "DeleteFunctionUrlConfig",
    "DeleteProvisionedConcurrencyConfig",
    "GetAlias",
    "GetFunction",
    "GetFunctionConcurrency",
    "GetFunctionConfiguration",
    "GetFunctionEventInvokeConfig",
    "GetFunctionUrlConfig",
    "GetPolicy",
    "GetProvisionedConcurrencyConfig",
    "ListAliases",
    "ListVersionsByFunction",
    "PublishVersion",
    "PutFunctionConcurrency",
    "PutFunctionEventInvokeConfig",
    "PutProvisionedConcurrencyConfig",
    "RemovePermission",
    "UpdateAlias",
    "UpdateFunctionCode",
    "UpdateFunctionUrlConfig",
)

RULES: Mapping[str, Rule] = {
    **{operation: _on_function() for operation in _ON_FUNCTION},
    "CreateEventSourceMapping": _event_source,
    "CreateFunction": _with_role,
    "DeleteEventSourceMapping": _event_source,
    "GetEventSourceMapping": _event_source,
    "Invoke": _on_function("InvokeFunction"),
    "InvokeAsync": _on_function("InvokeFunction"),
    "InvokeWithResponseStream": _on_function("InvokeFunction"),
    "ListEventSourceMappings": _account_wide,
    "ListFunctions": _account_wide,
    "ListLayers": _account_wide,
    "UpdateEventSourceMapping": _event_source,
    "UpdateFunctionConfiguration": _with_role,
}
