"""IAM: the ARN of a user, group or role carries its path; a call leaves that out, so it is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labs.aws.iam import PrincipalKind
from labs.sandbox.operations.default import default_checks
from labs.sandbox.operations.plan import PlannedCheck, Rule, Scene, passed_role, tag_context

__all__ = ["RULES", "entity_tags", "profile_role_arn", "role_arn"]

# Parameter, the kind of resource in its ARN, and where moto keeps the entities of that kind.
_NAMED = (
    ("UserName", "user", "users"),
    ("RoleName", "role", "roles"),
    ("GroupName", "group", "groups"),
    ("InstanceProfileName", "instance-profile", "instance_profiles"),
)
_KINDS = {name: kind for name, kind, _ in _NAMED}

# Operations that are about the caller when they name no user.
_ABOUT_SELF = (
    "CreateAccessKey",
    "DeleteAccessKey",
    "GetUser",
    "ListAccessKeys",
    "ListMFADevices",
    "ListSSHPublicKeys",
    "ListSigningCertificates",
    "UpdateAccessKey",
    "UploadSigningCertificate",
)


def _iam(account: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"]


def _entity(account: str, parameter: str, name: str) -> Any:
    store = next(store for each, _, store in _NAMED if each == parameter)
    entities = getattr(_iam(account), store).values()
    return next((entity for entity in entities if entity.name == name), None)


def _arn(scene: Scene, parameter: str, *, path: str | None = None) -> str:
    """The ARN of the entity that a parameter names: with the path that it has, or is to be made with."""
    name = scene.text(parameter)
    if path is None:
        entity = _entity(scene.account, parameter, name)
        path = getattr(entity, "path", None) or "/"
    return scene.arn("iam", f"{_KINDS[parameter]}{path}{name}", region="")


def role_arn(account: str, name: str) -> str:
    """The ARN of a role by its name, path and all; without a path when there is no such role."""
    entity = _entity(account, "RoleName", name)
    return str(entity.arn) if entity else f"arn:aws:iam::{account}:role/{name}"


def profile_role_arn(account: str, profile: Mapping[str, Any]) -> str | None:
    """The role inside the instance profile that `{"Name": …}` or `{"Arn": …}` names; None if it has none."""
    for each in _iam(account).instance_profiles.values():
        if each.name == profile.get("Name") or each.arn == profile.get("Arn"):
            return str(each.roles[0].arn) if each.roles else None
    return None


def entity_tags(account: str, parameter: str, name: str) -> dict[str, str]:
    """aws:ResourceTag/… of a user or role."""
    tags = getattr(_entity(account, parameter, name), "tags", None) or {}
    pairs = tags.values() if isinstance(tags, Mapping) else tags
    return {f"aws:ResourceTag/{tag['Key']}": str(tag["Value"]) for tag in pairs}


def _on(parameter: str) -> Rule:
    """The same-named action on the entity that a parameter names."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        context: dict[str, Any] = entity_tags(scene.account, parameter, scene.text(parameter))
        context |= tag_context(scene.many("Tags"))
        for name in ("PolicyArn",):
            if scene.params.get(name):
                context[f"iam:{name}"] = scene.text(name)
        if scene.params.get("PermissionsBoundary"):
            context["iam:PermissionsBoundary"] = scene.text("PermissionsBoundary")
        yield PlannedCheck(f"iam:{scene.call.operation}", _arn(scene, parameter), context=context)

    return rule


def _creates(parameter: str) -> Rule:
    """Creating an entity: its ARN has the path that the call gives."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        context: dict[str, Any] = dict(tag_context(scene.many("Tags")))
        if scene.params.get("PermissionsBoundary"):
            context["iam:PermissionsBoundary"] = scene.text("PermissionsBoundary")
        resource = _arn(scene, parameter, path=scene.text("Path") or "/")
        yield PlannedCheck(f"iam:{scene.call.operation}", resource, context=context)

    return rule


def _user_or_self(scene: Scene) -> Iterator[PlannedCheck]:
    principal = scene.principal
    if not scene.params.get("UserName") and principal.kind is PrincipalKind.USER:
        yield PlannedCheck(f"iam:{scene.call.operation}", principal.arn)
    elif not scene.params.get("UserName"):
        yield PlannedCheck(f"iam:{scene.call.operation}", "*")
    else:
        yield from _on("UserName")(scene)


def _creates_policy(scene: Scene) -> Iterator[PlannedCheck]:
    resource = scene.arn("iam", f"policy{scene.text('Path') or '/'}{scene.text('PolicyName')}", region="")
    yield PlannedCheck("iam:CreatePolicy", resource, context=tag_context(scene.many("Tags")))


def _on_policy(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck(f"iam:{scene.call.operation}", scene.text("PolicyArn") or "*")


def _role_into_profile(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("iam:AddRoleToInstanceProfile", _arn(scene, "InstanceProfileName"))
    yield passed_role(role_arn(scene.account, scene.text("RoleName")), "ec2.amazonaws.com")


_ON_USER = (
    "AddUserToGroup",
    "AttachUserPolicy",
    "CreateLoginProfile",
    "DeleteLoginProfile",
    "DeleteUser",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachUserPolicy",
    "GetLoginProfile",
    "GetUserPolicy",
    "ListAttachedUserPolicies",
    "ListGroupsForUser",
    "ListUserPolicies",
    "ListUserTags",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
    "TagUser",
    "UntagUser",
    "UpdateLoginProfile",
    "UpdateUser",
)
_ON_ROLE = (
    "AttachRolePolicy",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "GetRole",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListInstanceProfilesForRole",
    "ListRolePolicies",
    "ListRoleTags",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "TagRole",
    "UntagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
)
_ON_GROUP = (
    "AttachGroupPolicy",
    "DeleteGroup",
    "DeleteGroupPolicy",
    "DetachGroupPolicy",
    "GetGroup",
    "GetGroupPolicy",
    "ListAttachedGroupPolicies",
    "ListGroupPolicies",
    "PutGroupPolicy",
    "UpdateGroup",
)
_ON_POLICY = (
    "CreatePolicyVersion",
    "DeletePolicy",
    "DeletePolicyVersion",
    "GetPolicy",
    "GetPolicyVersion",
    "ListEntitiesForPolicy",
    "ListPolicyTags",
    "ListPolicyVersions",
    "SetDefaultPolicyVersion",
    "TagPolicy",
    "UntagPolicy",
)
# Changing who is in a group is a question about the group.
_MEMBERSHIP = ("AddUserToGroup", "RemoveUserFromGroup")
_ON_PROFILE = (
    "DeleteInstanceProfile",
    "GetInstanceProfile",
    "ListInstanceProfileTags",
    "RemoveRoleFromInstanceProfile",
    "TagInstanceProfile",
    "UntagInstanceProfile",
)

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_ON_USER, _on("UserName")),
    **dict.fromkeys(_ABOUT_SELF, _user_or_self),
    **dict.fromkeys(_ON_ROLE, _on("RoleName")),
    **dict.fromkeys(_ON_GROUP, _on("GroupName")),
    **dict.fromkeys(_MEMBERSHIP, _on("GroupName")),
    **dict.fromkeys(_ON_PROFILE, _on("InstanceProfileName")),
    **dict.fromkeys(_ON_POLICY, _on_policy),
    "AddRoleToInstanceProfile": _role_into_profile,
    "ChangePassword": lambda scene: [PlannedCheck("iam:ChangePassword", scene.principal.arn)],
    "CreateGroup": _creates("GroupName"),
    "CreateInstanceProfile": _creates("InstanceProfileName"),
    "CreatePolicy": _creates_policy,
    "CreateRole": _creates("RoleName"),
    "CreateUser": _creates("UserName"),
    "ListUsers": default_checks,
}
