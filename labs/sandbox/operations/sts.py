"""STS: who may become whom. The role's trust policy is the resource-based policy of these questions.

Source: IAM User Guide, "IAM and AWS STS condition context keys", "Pass session tags in AWS STS", "Monitor and
control actions taken with assumed roles".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox import mfa
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, free, tag_context

__all__ = ["RULES"]


def _assume_role(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        role, session = scene.text("RoleArn"), scene.caller.session
        context: dict[str, ContextValue] = {
            "sts:RoleSessionName": scene.text("RoleSessionName"),
            **_code(scene),
        }
        if scene.params.get("ExternalId") is not None:
            context["sts:ExternalId"] = scene.text("ExternalId")
        # What the caller's own session has, it hands on: a source identity, and the transitive tags.
        identity = scene.text("SourceIdentity") or (session.source_identity if session else None)
        if identity:
            context["sts:SourceIdentity"] = identity
        inherited = {key: session.tags[key] for key in session.transitive} if session else {}
        tags = tag_context({**inherited, **_tags(scene)})
        transitive = tuple(dict.fromkeys([*inherited, *map(str, scene.many("TransitiveTagKeys"))]))
        if transitive:
            context["sts:TransitiveTagKeys"] = transitive
        yield PlannedCheck(action, role, context={**context, **tags})
        if tags:
            yield PlannedCheck("sts:TagSession", role, context={**context, **tags})
        if identity:
            yield PlannedCheck("sts:SetSourceIdentity", role, context={**context, **tags})

    return rule


def _tags(scene: Scene) -> dict[str, str]:
    return {str(tag.get("Key")): str(tag.get("Value") or "") for tag in scene.many("Tags")}


def _code(scene: Scene) -> dict[str, ContextValue]:
    """A one-time code counts for the request that it comes with."""
    if not mfa.is_right(scene.call, scene.caller, scene.now, scene.timeline):
        return {}
    return {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}


def _federation_token(scene: Scene) -> Iterator[PlannedCheck]:
    resource = scene.arn("sts", f"federated-user/{scene.text('Name')}", region="")
    tags = tag_context(scene.many("Tags"))
    yield PlannedCheck("sts:GetFederationToken", resource, context=tags)
    if tags:
        yield PlannedCheck("sts:TagSession", resource, context=tags)


def _assume_root(scene: Scene) -> Iterator[PlannedCheck]:
    policy = scene.params.get("TaskPolicyArn")
    context: dict[str, ContextValue] = {}
    if isinstance(policy, Mapping) and policy.get("arn"):
        context["sts:TaskPolicyArn"] = str(policy["arn"])
    target = scene.text("TargetPrincipal")
    resource = target if target.startswith("arn:") else f"arn:aws:iam::{target}:root"
    yield PlannedCheck("sts:AssumeRoot", resource, context=context)


RULES: Mapping[str, Rule] = {
    "AssumeRole": _assume_role("sts:AssumeRole"),
    "AssumeRoleWithSAML": _assume_role("sts:AssumeRoleWithSAML"),
    "AssumeRoleWithWebIdentity": _assume_role("sts:AssumeRoleWithWebIdentity"),
    "AssumeRoot": _assume_root,
    "GetCallerIdentity": free,
    "GetFederationToken": _federation_token,
    "GetSessionToken": free,
}
