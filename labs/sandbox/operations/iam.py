"""IAM: the ARN of a user, group or role carries its path; a call leaves that out, so it is looked up.

Which kind of entity an action is about comes from the reference: AddUserToGroup is a question about the
group, AttachUserPolicy one about the user.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
Management"; IAM User Guide, "IAM and AWS STS condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labs.aws.iam import PrincipalKind
from labs.sandbox.live import begun
from labs.sandbox.operations.plan import (
    ContextValue,
    PlannedCheck,
    Rule,
    Scene,
    each,
    fitting,
    passed_role,
    tag_context,
)
from labs.sandbox.operations.reference import action_exists, condition_keys, resource_kinds

__all__ = ["RULES", "other", "profile_arn", "profile_role_arn", "role_arn"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How calls name one kind of entity, and where moto keeps it: by a dictionary of this name."""

    parameter: str
    store: str | None = None
    made_by: str | None = None


_KINDS: Mapping[str, _Kind] = {
    "group": _Kind("GroupName", "groups", "CreateGroup"),
    "instance-profile": _Kind("InstanceProfileName", "instance_profiles", "CreateInstanceProfile"),
    "mfa": _Kind("VirtualMFADeviceName", None, "CreateVirtualMFADevice"),
    "policy": _Kind("PolicyName", None, "CreatePolicy"),
    "role": _Kind("RoleName", "roles", "CreateRole"),
    "saml-provider": _Kind("Name", None, "CreateSAMLProvider"),
    "server-certificate": _Kind("ServerCertificateName", "certificates", "UploadServerCertificate"),
    "user": _Kind("UserName", "users", "CreateUser"),
}
# Making something with tags needs the permission to tag it, on the same resource.
_TAGGING = {
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
    "CreatePolicy": "TagPolicy",
    "CreateRole": "TagRole",
    "CreateSAMLProvider": "TagSAMLProvider",
    "CreateUser": "TagUser",
    "CreateVirtualMFADevice": "TagMFADevice",
    "UploadServerCertificate": "TagServerCertificate",
}
# A new name or path needs the permission on what the entity is and on what it is to be.
_RENAMED = {"UpdateGroup": "group", "UpdateServerCertificate": "server-certificate", "UpdateUser": "user"}


def _iam(account: str) -> Any:
    return begun("iam", account)


def _entity(account: str, kind: str, name: str) -> Any:
    """moto's entity of that name; None when there is none."""
    store = _KINDS[kind].store
    if store is None:
        return None
    entities = getattr(_iam(account), store)
    # Roles are kept by their ids, and everything else by name.
    return entities.get(name) or next((each for each in entities.values() if _name_of(each) == name), None)


def _name_of(entity: Any) -> Any:
    return getattr(entity, "name", None) or getattr(entity, "cert_name", None)


def role_arn(account: str, name: str) -> str:
    """The ARN of a role by its name, path and all; without a path when there is no such role."""
    role = _entity(account, "role", name)
    return str(role.arn) if role else f"arn:aws:iam::{account}:role/{name}"


def profile_arn(account: str, profile: Mapping[str, Any]) -> str:
    """The ARN of the instance profile that `{"Name": …}` or `{"Arn": …}` names."""
    found = _profile(account, profile)
    name = profile.get("Name", "")
    return str(
        found.arn if found else profile.get("Arn") or f"arn:aws:iam::{account}:instance-profile/{name}"
    )


def profile_role_arn(account: str, profile: Mapping[str, Any]) -> str | None:
    """The role inside the instance profile that `{"Name": …}` or `{"Arn": …}` names; None if it has none."""
    found = _profile(account, profile)
    return str(found.roles[0].arn) if found and found.roles else None


def _profile(account: str, profile: Mapping[str, Any]) -> Any:
    for found in _iam(account).instance_profiles.values():
        if found.name == profile.get("Name") or found.arn == profile.get("Arn"):
            return found
    return None


# -- which resources -------------------------------------------------------------------------------------


def _arn(scene: Scene, kind: str, name: str, path: str) -> str:
    return scene.arn("iam", f"{kind}{path}{name}", region="")


def _named(scene: Scene, kind: str) -> Iterator[tuple[str, Any]]:
    """The resources of one kind that a call is about, each with moto's entity where there is one."""
    for value in scene.params.values():
        if isinstance(value, str) and value.startswith("arn:") and f":{kind}/" in value:
            yield value, _iam(scene.account).managed_policies.get(value) if kind == "policy" else None
            return
    known = _KINDS.get(kind)
    name = scene.text(known.parameter) if known else ""
    if known and name:
        made = scene.call.operation == known.made_by
        entity = None if made else _entity(scene.account, kind, name)
        path = scene.text("Path") if made else getattr(entity, "path", None)
        yield _arn(scene, kind, name, path or "/"), entity
    elif kind == "user":
        yield from _meant(scene)


def _meant(scene: Scene) -> Iterator[tuple[str, Any]]:
    """The user of a call that names none: the owner of the key that it is about, or the caller."""
    if scene.call.operation == "GetAccessKeyLastUsed":
        key = _iam(scene.account).access_keys.get(scene.text("AccessKeyId"))
        owner = _iam(scene.account).users.get(key.user_name) if key else None
        if owner is not None:
            yield str(owner.arn), owner
    elif scene.principal.kind is PrincipalKind.USER:
        yield scene.principal.arn, _iam(scene.account).users.get(scene.principal.name)


# -- which condition keys --------------------------------------------------------------------------------


def _context(scene: Scene, entity: Any) -> dict[str, ContextValue]:
    context = tag_context(scene.many("Tags"), scene.many("TagKeys"))
    if scene.params.get("PolicyArn"):
        context["iam:PolicyARN"] = scene.text("PolicyArn")
    boundary = scene.text("PermissionsBoundary") or getattr(entity, "permissions_boundary_arn", None)
    if boundary:
        context["iam:PermissionsBoundary"] = str(boundary)
    if scene.params.get("AWSServiceName"):
        context["iam:AWSServiceName"] = scene.text("AWSServiceName")
    if scene.call.operation.endswith("ServiceSpecificCredential") and scene.params.get("ServiceName"):
        context["iam:ServiceSpecificCredentialServiceName"] = scene.text("ServiceName")
    return fitting(context, condition_keys("iam", scene.call.operation))


# -- rules -----------------------------------------------------------------------------------------------


def other(scene: Scene) -> Iterable[PlannedCheck]:
    """The same-named action, on the entities of the kinds that the reference lists for it."""
    operation = scene.call.operation
    action, kinds = f"iam:{operation}", resource_kinds("iam", operation)
    planned = [
        PlannedCheck(action, resource, _owner(scene, resource), _context(scene, entity))
        for kind in kinds
        for resource, entity in _named(scene, kind)
    ]
    unclear = bool(kinds) or not action_exists("iam", operation)
    planned = planned or [PlannedCheck(action, "*", context=_context(scene, None), approximate=unclear)]
    tagging = _TAGGING.get(operation)
    if tagging and scene.many("Tags"):
        tags = tag_context(scene.many("Tags"))
        planned += [PlannedCheck(f"iam:{tagging}", check.resource, context=tags) for check in planned]
    return planned


def _owner(scene: Scene, resource: str) -> str | None:
    """AWS's own policies belong to everybody who reads them, and to AWS when they are to be changed."""
    reads = scene.call.operation.startswith(("Get", "List"))
    return "aws" if resource.startswith("arn:aws:iam::aws:") and not reads else None


def _new_name(scene: Scene) -> Iterator[PlannedCheck]:
    kind = _RENAMED[scene.call.operation]
    parameter = _KINDS[kind].parameter
    renamed = scene.text(f"New{parameter}") or scene.text(parameter)
    entity = _entity(scene.account, kind, scene.text(parameter))
    path = scene.text("NewPath") or getattr(entity, "path", None) or "/"
    if scene.text(f"New{parameter}") or scene.text("NewPath"):
        yield PlannedCheck(f"iam:{scene.call.operation}", _arn(scene, kind, renamed, path))


def _role_passed_to_instances(scene: Scene) -> Iterator[PlannedCheck]:
    yield passed_role(role_arn(scene.account, scene.text("RoleName")), "ec2.amazonaws.com")


def _change_password(scene: Scene) -> Iterator[PlannedCheck]:
    # Whoever is no user has no password to change.
    is_user = scene.principal.kind is PrincipalKind.USER
    yield PlannedCheck("iam:ChangePassword", scene.principal.arn if is_user else "*")


def _listed(kind: str) -> Rule:
    """Listing entities is about all those under a path."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        path = scene.text("PathPrefix") or "/"
        yield PlannedCheck(f"iam:{scene.call.operation}", _arn(scene, kind, "", path))

    return rule


def _source_of_policies(scene: Scene) -> Iterator[PlannedCheck]:
    """Simulating is about the entity whose policies are looked at, whoever else the call names."""
    yield PlannedCheck(f"iam:{scene.call.operation}", scene.text("PolicySourceArn") or "*")


def _service_linked_role(scene: Scene) -> Iterator[PlannedCheck]:
    """AWS chooses the name of such a role; only its path follows from the call."""
    resource = scene.arn("iam", f"role/aws-service-role/{scene.text('AWSServiceName')}/*", region="")
    context = _context(scene, None)
    yield PlannedCheck("iam:CreateServiceLinkedRole", resource, context=context, approximate=True)


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_RENAMED, each(other, _new_name)),
    "AddRoleToInstanceProfile": each(other, _role_passed_to_instances),
    "ChangePassword": _change_password,
    "CreateServiceLinkedRole": _service_linked_role,
    "GetContextKeysForPrincipalPolicy": _source_of_policies,
    "ListGroups": _listed("group"),
    "ListInstanceProfiles": _listed("instance-profile"),
    "ListRoles": _listed("role"),
    "ListUsers": _listed("user"),
    "SimulatePrincipalPolicy": _source_of_policies,
}
