"""STS: who may become whom. The role's trust policy is the resource-based policy of these questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, free, tag_context

__all__ = ["RULES"]


def _assume_role(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        context: dict[str, ContextValue] = {"sts:RoleSessionName": scene.text("RoleSessionName")}
        if scene.params.get("ExternalId") is not None:
            context["sts:ExternalId"] = scene.text("ExternalId")
        if scene.params.get("SourceIdentity") is not None:
            context["sts:SourceIdentity"] = scene.text("SourceIdentity")
        tags = tag_context(scene.many("Tags"))
        role = scene.text("RoleArn")
        yield PlannedCheck(action, role, context={**context, **tags})
        if tags:
            yield PlannedCheck("sts:TagSession", role, context={**context, **tags})
        if "sts:SourceIdentity" in context:
            yield PlannedCheck("sts:SetSourceIdentity", role, context=context)

    return rule


def _federation_token(scene: Scene) -> Iterator[PlannedCheck]:
    resource = scene.arn("sts", f"federated-user/{scene.text('Name')}", region="")
    yield PlannedCheck("sts:GetFederationToken", resource, context=tag_context(scene.many("Tags")))


RULES: Mapping[str, Rule] = {
    "AssumeRole": _assume_role("sts:AssumeRole"),
    "AssumeRoleWithSAML": _assume_role("sts:AssumeRoleWithSAML"),
    "AssumeRoleWithWebIdentity": _assume_role("sts:AssumeRoleWithWebIdentity"),
    "GetCallerIdentity": free,
    "GetFederationToken": _federation_token,
    "GetSessionToken": free,
}
