"""The policies of a simulation: given as texts, or attached to a user, group or role.

Source: IAM API Reference, "SimulateCustomPolicy" and "SimulatePrincipalPolicy".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from labs.aws.iam import Policy, parse_policy
from labs.errors import PolicyError
from labs.sandbox.live import live
from labs.sandbox.policies import Attached, attached, boundary_of
from labs.sandbox.served.ask import Declined, invalid_input, no_such_entity

__all__ = ["Entity", "Source", "attached_to", "boundary_at", "document", "documents", "entity_at", "excluded"]

SourceType = Literal["IAM Policy", "Resource Policy", "Permissions Boundary Policy"]
Kind = Literal["user", "group", "role"]
_ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|group|role)/([\w+=,.@/-]+)")
_POLICY_ARN = re.compile(r"arn:aws:iam::(?:\d{12}|aws):policy/[\w+=,.@/*?-]+")
_GRAMMAR: Mapping[SourceType, Literal["identity", "resource"]] = {
    "IAM Policy": "identity",
    "Permissions Boundary Policy": "identity",
    "Resource Policy": "resource",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A policy and what a simulation's answer calls it; positions are those in `text`."""

    id: str
    type: SourceType
    text: str = field(repr=False)
    policy: Policy = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entity:
    """A user, group or role by its ARN; `held` is moto's, or None for one that is only named."""

    kind: Kind
    account: str
    name: str
    arn: str
    held: Any = field(default=None, repr=False)

    @classmethod
    def named(cls, arn: str) -> Entity:
        """The entity that an ARN names, whether there is one or not.

        Raises:
            Declined: it is the ARN of something else, such as a session.
        """
        found = _ENTITY.fullmatch(arn)
        if found is None:
            raise invalid_input(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
        account, kind, path = found.groups()
        return cls(kind, account, path.rpartition("/")[2], arn)  # type: ignore[arg-type]  # the pattern's words


def entity_at(arn: str) -> Entity:
    """The user, group or role of an ARN.

    Raises:
        Declined: there is none, or it is the ARN of something else.
    """
    named = Entity.named(arn)
    iam = live("iam", named.account)
    everyone: Iterable[Any] = getattr(iam, f"{named.kind}s", {}).values()
    held = next((each for each in everyone if each.arn == arn), None)
    if held is None:
        raise no_such_entity(named.kind, named.name)
    return Entity(named.kind, named.account, named.name, arn, held)


# -- policies that are attached --------------------------------------------------------------------------


def attached_to(entity: Entity, exclusions: Sequence[Mapping[str, Any]] = ()) -> tuple[Source, ...]:
    """The identity-based policies of an entity; a user's groups count too."""
    return tuple(
        _attached(each, _name(each), "IAM Policy")
        for each in attached(entity.held, entity.kind)
        if not any(_is_meant(exclusion, each) for exclusion in exclusions)
    )


def boundary_at(entity: Entity) -> Source | None:
    """The permissions boundary of a user or role."""
    boundary = boundary_of(entity.held, entity.account)
    if boundary is None:
        return None
    return _attached(boundary, boundary.policy_name, "Permissions Boundary Policy")


def _name(policy: Attached) -> str:
    return policy.policy_name if policy.arn else f"{policy.kind}_{policy.owner}_{policy.policy_name}"


def _attached(policy: Attached, id: str, type: SourceType) -> Source:
    try:
        return Source(id, type, policy.text, parse_policy(policy.text, name=id))
    except PolicyError as fault:
        said = f"{fault.title}. {fault.detail}"
        raise Declined("PolicyEvaluation", f"The policy {id} could not be evaluated: {said}", 500) from None


def excluded(exclusions: Sequence[Mapping[str, Any]], type: str) -> bool:
    """Whether all policies of a type are left out, such as `scp`.

    Raises:
        Declined: an exclusion names nothing, or more than one thing, or has its wildcards elsewhere.
    """
    for exclusion in exclusions:
        arn = exclusion.get("PolicyArn")
        if len(exclusion) != 1 or (arn is not None and not _is_pattern(str(arn))):
            raise invalid_input(f"Invalid policy identifier in PolicyExclusionList: {dict(exclusion)}")
    return any(exclusion.get("PolicyType") == type for exclusion in exclusions)


def _is_pattern(arn: str) -> bool:
    before, _, _ = arn.partition(":policy/")
    found = _POLICY_ARN.fullmatch(arn) is not None
    return found and arn.count("*") <= 1 and not set("*?") & set(before)


def _is_meant(exclusion: Mapping[str, Any], policy: Attached) -> bool:
    if (type := exclusion.get("PolicyType")) is not None:
        return bool(type == _type(policy))
    if (arn := exclusion.get("PolicyArn")) is not None:
        return policy.arn is not None and _fits(str(arn), policy.arn)
    inline = exclusion["InlinePolicyIdentifier"]
    return (
        policy.arn is None
        and inline["PolicyName"] == policy.policy_name
        and inline["AttachmentType"] == policy.kind
        and _fits(inline["AttachmentName"], policy.owner)
    )


def _type(policy: Attached) -> str:
    if policy.arn is None:
        return "inline"
    return "aws-managed" if policy.arn.startswith("arn:aws:iam::aws:") else "user-managed"


def _fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern in which `*` stands for any characters and `?` for one."""
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(part.replace(r"\?", ".") for part in parts), text) is not None


# -- policies that are given -----------------------------------------------------------------------------


def documents(texts: Iterable[str], name: str, type: SourceType = "IAM Policy") -> tuple[Source, ...]:
    """Policies given as texts, which an answer calls NAME.1, NAME.2, …"""
    return tuple(document(text, f"{name}.{place}", type) for place, text in enumerate(texts, 1))


def document(text: str, id: str, type: SourceType) -> Source:
    """A policy given as a text.

    Raises:
        Declined: it is not valid.
    """
    try:
        return Source(id, type, text, parse_policy(text, name=id, type=_GRAMMAR[type]))
    except PolicyError as fault:
        raise invalid_input(f"Syntax errors in policy {id}: {fault.title}. {fault.detail}") from None
