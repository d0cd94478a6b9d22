"""IAM's users, groups and policies: what must be gone first, and how many there may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labs.aws.iam.limits import MANAGED_POLICIES_PER_ENTITY
from labs.sandbox.live import live
from labs.sandbox.strict.pages import iam_api, page
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["RULES"]

_QUOTAS = page("IAM User Guide", "IAM and AWS STS quotas", "reference_iam-quotas")
_GROUPS_PER_USER = 10
_SESSION = (3_600, 43_200)  # seconds that the longest session of a role may last


def _conflict(must: str, because: str, hint: str) -> Refusal:
    return Refusal("DeleteConflict", f"Cannot delete entity, must {must} first.", because, hint, 409)


# -- users and groups --------------------------------------------------------------------------------------


def _user(ask: Asked) -> Refusal | None:
    iam, name = live("iam", ask.account), ask.text("UserName")
    user = iam.users.get(name)
    if user is None:
        return None
    if user.access_keys:
        keys = ", ".join(key.access_key_id for key in user.access_keys)
        return _conflict("delete access keys", f"{name} has the access keys {keys}", "DeleteAccessKey.")
    groups = [group.name for group in iam.groups.values() if user in group.users]
    if groups:
        because = f"{name} is in the groups {', '.join(groups)}"
        return _conflict("remove users from group", because, "RemoveUserFromGroup.")
    if user.password is not None:
        return _conflict("delete login profile", f"{name} has a password", "DeleteLoginProfile.")
    if user.mfa_devices:
        because = f"{name} has a device for multi-factor authentication"
        return _conflict("delete MFA device", because, "DeactivateMFADevice, then DeleteVirtualMFADevice.")
    return None


def _group(ask: Asked) -> Refusal | None:
    group = live("iam", ask.account).groups.get(ask.text("GroupName"))
    if group is None:
        return None
    if group.users:
        users = ", ".join(user.name for user in group.users)
        return _conflict("remove users from group", f"{users} are in the group", "RemoveUserFromGroup.")
    if group.managed_policies:
        names = ", ".join(policy.name for policy in group.managed_policies.values())
        return _conflict("detach all policies", f"{names} are attached to the group", "DetachGroupPolicy.")
    if group.policies:
        names = ", ".join(group.policies)
        return _conflict(
            "delete policies", f"the group has the inline policies {names}", "DeleteGroupPolicy."
        )
    return None


def _groups_of_user(ask: Asked) -> Refusal | None:
    iam = live("iam", ask.account)
    user = iam.users.get(ask.text("UserName"))
    groups = [group.name for group in iam.groups.values() if user in group.users]
    if user is None or len(groups) < _GROUPS_PER_USER or ask.text("GroupName") in groups:
        return None
    return Refusal(
        "LimitExceeded",
        f"Cannot exceed quota for GroupsPerUser: {_GROUPS_PER_USER}",
        f"{user.name} is in {len(groups)} groups, and {_GROUPS_PER_USER} is the most",
        status=409,
    )


# -- managed policies --------------------------------------------------------------------------------------


def _policy(ask: Asked) -> Refusal | None:
    iam, arn = live("iam", ask.account), ask.text("PolicyArn")
    policy = iam.managed_policies.get(arn)
    if policy is None:
        return None
    holders = [*_holders(iam, arn)]
    if holders:
        return Refusal(
            "DeleteConflict",
            "Cannot delete a policy attached to entities.",
            f"the policy is attached to {', '.join(holders[:3])}",
            "Detach it from each of them.",
            409,
        )
    if len(policy.versions) > 1:
        return Refusal(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy.",
            f"the policy has {len(policy.versions)} versions",
            "DeletePolicyVersion for each but the default one.",
            409,
        )
    return None


def _holders(iam: Any, arn: str) -> Iterator[str]:
    for kind, entities in (("user", iam.users), ("group", iam.groups), ("role", iam.roles)):
        for entity in entities.values():
            attached = arn in entity.managed_policies
            if attached or getattr(entity, "permissions_boundary_arn", None) == arn:
                yield f"{kind} {entity.name}"


# Whom a call attaches a policy to: the parameter, moto's table, the name of the quota.
_ATTACH: Mapping[str, tuple[str, str, str]] = {
    "AttachUserPolicy": ("UserName", "users", "PoliciesPerUser"),
    "AttachGroupPolicy": ("GroupName", "groups", "PoliciesPerGroup"),
    "AttachRolePolicy": ("RoleName", "roles", "PoliciesPerRole"),
}


def _attached(ask: Asked) -> Refusal | None:
    parameter, table, quota = _ATTACH[ask.call.operation]
    held = getattr(live("iam", ask.account), table).values()
    entity = next((each for each in held if each.name == ask.text(parameter)), None)
    if entity is None or ask.text("PolicyArn") in entity.managed_policies:
        return None
    count = len(entity.managed_policies)
    if count < MANAGED_POLICIES_PER_ENTITY:
        return None
    return Refusal(
        "LimitExceeded",
        f"Cannot exceed quota for {quota}: {MANAGED_POLICIES_PER_ENTITY}",
        f"{entity.name} has {count} managed policies, and {MANAGED_POLICIES_PER_ENTITY} is the most",
        "Put what several of them say into one.",
        409,
    )


# -- roles -------------------------------------------------------------------------------------------------


def _session_duration(ask: Asked) -> Refusal | None:
    least, most = _SESSION
    seconds = int(ask.params.get("MaxSessionDuration") or least)
    if least <= seconds <= most:
        return None
    bound = f"less than or equal to {most}" if seconds > most else f"greater than or equal to {least}"
    return Refusal(
        "ValidationError",
        f"1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy "
        f"constraint: Member must have value {bound}",
        f"the longest session of a role lasts from {least:,} to {most:,} seconds, and this is {seconds:,}",
        "Take 43200 for twelve hours.",
    )


RULES = (
    Rule(
        "iam.session-duration",
        "refuses",
        "The longest session of a role is set to one hour at least, and to twelve hours at most.",
        "It takes any duration.",
        iam_api("CreateRole"),
        operations=("iam:CreateRole", "iam:UpdateRole"),
        code="ValidationError",
        check=_session_duration,
    ),
    Rule(
        "iam.user-is-bare",
        "refuses",
        "A user can be deleted when it has no access keys, groups, password or devices any more.",
        "It deletes a user with keys, and keeps the keys.",
        iam_api("DeleteUser"),
        operations=("iam:DeleteUser",),
        code="DeleteConflict",
        check=_user,
    ),
    Rule(
        "iam.group-is-bare",
        "refuses",
        "A group can be deleted when it has neither users nor policies any more.",
        "It deletes a group with users.",
        iam_api("DeleteGroup"),
        operations=("iam:DeleteGroup",),
        code="DeleteConflict",
        check=_group,
    ),
    Rule(
        "iam.policy-is-free",
        "refuses",
        "A managed policy can be deleted when it is attached to nobody and has one version left.",
        "It deletes a policy under those who have it.",
        iam_api("DeletePolicy"),
        operations=("iam:DeletePolicy",),
        code="DeleteConflict",
        check=_policy,
    ),
    Rule(
        "iam.quota-attached",
        "refuses",
        "Ten managed policies can be attached to a user, group or role.",
        "It attaches any number.",
        _QUOTAS,
        operations=tuple(f"iam:{operation}" for operation in _ATTACH),
        code="LimitExceeded",
        check=_attached,
    ),
    Rule(
        "iam.quota-groups",
        "refuses",
        "A user is in ten groups at most.",
        "It takes any number.",
        _QUOTAS,
        operations=("iam:AddUserToGroup",),
        code="LimitExceeded",
        check=_groups_of_user,
    ),
)
