"""Lambda: a function by its name, its ARN or part of one; creating a function passes its role on.

Source: AWS Lambda Developer Guide, "Fine-tuning the Resources and Conditions sections of policies"; Service
Authorization Reference, "API operations defined by AWS Lambda".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.live import live
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, passed_role, tag_context
from labs.sandbox.operations.reference import action_exists

__all__ = ["RULES"]


def _function_arn(scene: Scene, qualified: bool = True) -> str:
    """NAME, ACCOUNT:function:NAME or a whole ARN, each with or without a version after a last colon."""
    name, qualifier = scene.text("FunctionName"), scene.text("Qualifier") if qualified else ""
    account, region = scene.account, scene.region
    if name.startswith("arn:") and name.count(":") >= 6:
        region, account, _, name = name.split(":", 6)[3:]
    elif ":function:" in name:
        account, _, name = name.partition(":function:")
    whole = f"{name}:{qualifier}" if qualifier and ":" not in name else name
    return f"arn:aws:lambda:{region}:{account}:function:{whole}"


def _context(scene: Scene) -> dict[str, ContextValue]:
    context = tag_context(scene.params.get("Tags"), scene.many("TagKeys"))
    single = {
        "CodeSigningConfigArn": "lambda:CodeSigningConfigArn",
        "EventSourceToken": "lambda:EventSourceToken",
        "FunctionUrlAuthType": "lambda:FunctionUrlAuthType",
        "Principal": "lambda:Principal",
    }
    context |= {key: scene.text(name) for name, key in single.items() if scene.params.get(name)}
    if layers := tuple(map(str, scene.many("Layers"))):
        context["lambda:Layer"] = layers
    network = scene.params.get("VpcConfig")
    if isinstance(network, Mapping):
        for name in ("SubnetIds", "SecurityGroupIds"):
            if ids := tuple(map(str, network.get(name) or ())):
                context[f"lambda:{name}"] = ids
        if vpc := _vpc_of(scene, network.get("SubnetIds") or ()):
            context["lambda:VpcIds"] = (vpc,)
    return context


def _vpc_of(scene: Scene, subnets: object) -> str | None:
    ec2 = live("ec2", scene.account, scene.region)
    wanted = set(subnets) if isinstance(subnets, list | tuple) else set()
    found = (each.vpc_id for each in ec2.describe_subnets() if each.id in wanted) if ec2 else iter(())
    return next(found, None)


def _on_function(action: str | None = None) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        name = action or scene.call.operation
        known, context = action_exists("lambda", name), _context(scene)
        if name.endswith("FunctionUrlConfig"):
            context["lambda:FunctionArn"] = _function_arn(scene, qualified=False)
            if scene.params.get("AuthType"):
                context["lambda:FunctionUrlAuthType"] = scene.text("AuthType")
        yield PlannedCheck(f"lambda:{name}", _function_arn(scene), context=context, approximate=not known)

    return rule


def _configured(scene: Scene) -> Iterator[PlannedCheck]:
    """Making or configuring a function: its tags, its layers and its role need permissions of their own."""
    function, context = _function_arn(scene), _context(scene)
    yield PlannedCheck(f"lambda:{scene.call.operation}", function, context=context)
    if tags := tag_context(scene.params.get("Tags")):
        yield PlannedCheck("lambda:TagResource", function, context=tags)
    for layer in map(str, scene.many("Layers")):
        yield PlannedCheck("lambda:GetLayerVersion", layer)
    if scene.params.get("Role"):
        yield passed_role(scene.text("Role"), "lambda.amazonaws.com", function)


def _tagging(scene: Scene) -> Iterator[PlannedCheck]:
    context = tag_context(scene.params.get("Tags"), scene.many("TagKeys"))
    yield PlannedCheck(f"lambda:{scene.call.operation}", scene.text("Resource") or "*", context=context)


def _event_source(scene: Scene) -> Iterator[PlannedCheck]:
    """A mapping that is there has an ARN; one that is to be made is known by its function only."""
    context = tag_context(scene.params.get("Tags"))
    mapping = scene.text("UUID")
    if function := _mapped_function(scene, mapping):
        context["lambda:FunctionArn"] = function
    resource = scene.arn("lambda", f"event-source-mapping:{mapping}") if mapping else "*"
    yield PlannedCheck(f"lambda:{scene.call.operation}", resource, context=context)
    if tags := tag_context(scene.params.get("Tags")):
        new = scene.arn("lambda", "event-source-mapping:*")
        yield PlannedCheck("lambda:TagResource", new, context=tags)


def _mapped_function(scene: Scene, mapping: str) -> str | None:
    if scene.params.get("FunctionName"):
        return _function_arn(scene)
    backend = live("awslambda", scene.account, scene.region)
    found = backend.get_event_source_mapping(mapping) if backend and mapping else None
    return str(found.function_arn) if found is not None else None


def _layer(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("lambda:GetLayerVersion", scene.text("Arn") or "*")


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
    "InvokeAsync",
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
_ON_MAPPING = (
    "CreateEventSourceMapping",
    "DeleteEventSourceMapping",
    "GetEventSourceMapping",
    "UpdateEventSourceMapping",
)

RULES: Mapping[str, Rule] = {
    **{operation: _on_function() for operation in _ON_FUNCTION},
    **dict.fromkeys(_ON_MAPPING, _event_source),
    "CreateFunction": _configured,
    "GetLayerVersionByArn": _layer,
    "Invoke": _on_function("InvokeFunction"),
    "InvokeWithResponseStream": _on_function("InvokeFunction"),
    "ListEventSourceMappings": _account_wide,
    "ListFunctions": _account_wide,
    "ListLayers": _account_wide,
    "ListTags": _tagging,
    "TagResource": _tagging,
    "UntagResource": _tagging,
    "UpdateFunctionConfiguration": _configured,
}
