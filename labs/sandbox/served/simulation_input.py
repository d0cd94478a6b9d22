"""What a simulation is asked: policies, caller, actions, resources and context, read out of the request.

Source: IAM API Reference, "SimulateCustomPolicy", "SimulatePrincipalPolicy", "ContextEntry".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_network
from typing import Any

from labs.aws.iam import Policy, Principal, PrincipalKind, Request, Stage, Statement
from labs.sandbox import organization
from labs.sandbox.operations import ContextValue
from labs.sandbox.served.ask import Ask, invalid_input
from labs.sandbox.served.simulated import (
    Entity,
    Source,
    attached_to,
    boundary_at,
    document,
    documents,
    entity_at,
    excluded,
)

__all__ = ["Simulation", "custom_simulation", "principal_simulation"]

Levels = tuple[tuple[Policy, ...], ...]
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")
_RESOURCE = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)
_OWNER = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
_MOST_LEVELS = 7

# What each scenario of EC2 must name, by how the resource part of its ARN begins.
_LAUNCH = ("instance", "image", "security-group", "network-interface")
_SCENARIOS: Mapping[str, tuple[str, ...]] = {
    "EC2-VPC-InstanceStore": _LAUNCH,
    "EC2-VPC-InstanceStore-Subnet": (*_LAUNCH, "subnet"),
    "EC2-VPC-EBS": (*_LAUNCH, "volume"),
    "EC2-VPC-EBS-Subnet": (*_LAUNCH, "subnet", "volume"),
}


class _Simulated(Principal):
    """A caller who brings no condition keys along: in a simulation those are given, or missing."""

    __slots__ = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", {})


@dataclass(frozen=True, slots=True)
class Simulation:
    """A question to the simulator. `resources` is empty for a simulation of all resources.

    `owner` has the resources whose ARN names no account, and `in_organization` says whether the caller's
    account belongs to an organization.
    """

    identity: tuple[Source, ...]
    boundary: Source | None
    resource: Source | None
    scps: Levels
    in_organization: bool
    caller: Principal
    owner: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Mapping[str, ContextValue] = field(repr=False)

    def at(self, stage: Stage) -> tuple[Source, ...]:
        """The policies of a stage that the answer may name."""
        if stage is Stage.IDENTITY:
            return self.identity
        one = {Stage.RESOURCE: self.resource, Stage.BOUNDARY: self.boundary}.get(stage)
        return () if one is None else (one,)


def custom_simulation(ask: Ask) -> Simulation:
    """The question of a SimulateCustomPolicy.

    Raises:
        Declined: AWS would not simulate this.
    """
    levels = ask.params.get("OrderedOrganizationPolicyInputList") or ()
    if len(levels) > _MOST_LEVELS:
        raise invalid_input(f"An organization has no more than {_MOST_LEVELS} levels of policies.")
    caller = Entity.named(ask.text("CallerArn")) if ask.text("CallerArn") else None
    return _simulation(
        ask,
        identity=documents(ask.texts("PolicyInputList"), "PolicyInputList"),
        boundary=_given_boundary(ask),
        scps=tuple(_level(each, place) for place, each in enumerate(levels, 1)),
        in_organization=bool(levels),
        caller=caller,
    )


def principal_simulation(ask: Ask) -> Simulation:
    """The question of a SimulatePrincipalPolicy.

    Raises:
        Declined: AWS would not simulate this, or there is no such user, group or role.
    """
    entity = entity_at(ask.text("PolicySourceArn"))
    exclusions = ask.params.get("PolicyExclusionList") or ()
    boundary = None if excluded(exclusions, "permission-boundary") else boundary_at(entity)
    home = organization.membership(entity.account)
    scps = home.policies("SERVICE_CONTROL_POLICY") if home else ()
    return _simulation(
        ask,
        identity=(
            *attached_to(entity, exclusions),
            *documents(ask.texts("PolicyInputList"), "PolicyInputList"),
        ),
        boundary=_given_boundary(ask) or boundary,
        scps=() if excluded(exclusions, "scp") else scps,
        in_organization=home is not None,
        caller=Entity.named(ask.text("CallerArn")) if ask.text("CallerArn") else entity,
    )


def _simulation(
    ask: Ask,
    *,
    identity: tuple[Source, ...],
    boundary: Source | None,
    scps: Levels,
    in_organization: bool,
    caller: Entity | None,
) -> Simulation:
    resources = _resources(ask)
    return Simulation(
        identity,
        boundary,
        _resource_policy(ask, caller, resources),
        scps,
        in_organization,
        _principal(
            caller or Entity("user", ask.account, "anyone", f"arn:aws:iam::{ask.account}:user/anyone")
        ),
        _owner(ask.text("ResourceOwner")) or (caller.account if caller else ask.account),
        tuple(map(_action, ask.texts("ActionNames"))),
        resources,
        dict(map(_context_entry, ask.params.get("ContextEntries") or ())),
    )


# -- policies ----------------------------------------------------------------------------------------------


def _given_boundary(ask: Ask) -> Source | None:
    name = "PermissionsBoundaryPolicyInputList"
    given = documents(ask.texts(name), name, "Permissions Boundary Policy")
    if len(given) > 1:
        raise invalid_input(f"{name} can have one policy only.")
    return given[0] if given else None


def _level(level: Mapping[str, Any], place: int) -> tuple[Policy, ...]:
    name = f"OrderedOrganizationPolicyInputList.{place}.ServiceControlPolicyInputList"
    texts = map(str, level.get("ServiceControlPolicyInputList") or ())
    return tuple(source.policy for source in documents(texts, name))


def _resource_policy(ask: Ask, caller: Entity | None, resources: Iterable[str]) -> Source | None:
    text = ask.text("ResourcePolicy")
    if not text:
        return None
    if caller is None:
        raise invalid_input("CallerArn must be given together with ResourcePolicy.")
    if caller.kind != "user":
        raise invalid_input("Invalid caller - Caller must be an IAM user in this context.")
    source = document(text, "ResourcePolicy", "Resource Policy")
    for arn in resources:
        if not any(_is_about(statement, arn) for statement in source.policy.statements):
            raise invalid_input(f"The ResourcePolicy does not apply to the resource {arn}.")
    return source


def _is_about(statement: Statement, arn: str) -> bool:
    resource = statement.resource
    return resource is None or resource.matches(Request(Principal.anonymous(), "*", arn))


# -- caller, actions, resources ------------------------------------------------------------------------------


def _principal(entity: Entity) -> Principal:
    if entity.kind == "role":
        session = f"arn:aws:sts::{entity.account}:assumed-role/{entity.name}/simulation"
        return _Simulated(
            PrincipalKind.SESSION, session, entity.account, entity.name, "simulation", entity.arn
        )
    return _Simulated(PrincipalKind.USER, entity.arn, entity.account, entity.name)


def _action(name: str) -> str:
    if _ACTION.fullmatch(name) is None:
        raise invalid_input(f"Invalid Action Name: {name}")
    return name


def _resources(ask: Ask) -> tuple[str, ...]:
    resources = ask.texts("ResourceArns")
    for each in resources:
        if each != "*" and _RESOURCE.fullmatch(each) is None:
            raise invalid_input(f"Invalid Resource Arn: {each}")
    if scenario := ask.text("ResourceHandlingOption"):
        _check_scenario(scenario, resources)
    return () if set(resources) <= {"*"} else resources


def _check_scenario(scenario: str, resources: Iterable[str]) -> None:
    if scenario not in _SCENARIOS:
        raise invalid_input(f"Invalid ResourceHandlingOption: {scenario}")
    kinds = {arn.split(":", 5)[5].partition("/")[0] for arn in resources if arn != "*"}
    missing = [kind for kind in _SCENARIOS[scenario] if kind not in kinds]
    if missing:
        raise invalid_input(f"{scenario} needs resources of these types too: {', '.join(missing)}")


def _owner(text: str) -> str | None:
    if not text:
        return None
    found = _OWNER.fullmatch(text)
    if found is None:
        raise invalid_input(f"Invalid Resource Owner: {text}")
    return found[1]


# -- context -----------------------------------------------------------------------------------------------


def _context_entry(entry: Mapping[str, Any]) -> tuple[str, ContextValue]:
    name, values = (
        str(entry.get("ContextKeyName") or ""),
        tuple(map(str, entry.get("ContextKeyValues") or ())),
    )
    type = str(entry.get("ContextKeyType") or "string")
    check = _CHECKS.get(type.removesuffix("List"))
    if ":" not in name or check is None:
        raise invalid_input(f"Invalid context entry: {name or 'without a name'} of type {type}")
    for value in values:
        if not check(value):
            raise invalid_input(f"The value {value} of the context key {name} is not of type {type}.")
    if type.endswith("List"):
        return name, values
    if len(values) != 1:
        raise invalid_input(f"The context key {name} of type {type} takes one value.")
    return name, values[0]


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_date(text: str) -> bool:
    try:
        return text.isdigit() or datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        return ip_network(text, strict=False) is not None
    except ValueError:
        return False


def _is_base64(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True) is not None
    except (binascii.Error, ValueError):
        return False


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "string": lambda text: True,
    "numeric": _is_number,
    "boolean": lambda text: text.lower() in ("true", "false"),
    "ip": _is_address,
    "binary": _is_base64,
    "date": _is_date,
}
