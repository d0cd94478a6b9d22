"""Which policies apply to a request: gathered from moto's state at each call, so a change counts at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from labs.aws.iam import Decision, Policy, PolicySet, PrincipalKind, Request, Stage
from labs.sandbox import organization
from labs.sandbox.documents import NO_STATEMENTS, joined, parsed
from labs.sandbox.live import live
from labs.sandbox.principals import Caller, entity_of
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.sessions import Session

__all__ = ["Attached", "Held", "applicable", "arn_behind", "attached", "boundary_of", "held_by"]

Kind = Literal["user", "group", "role", "boundary"]
Levels = tuple[tuple[Policy, ...], ...]
_EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


@dataclass(frozen=True, slots=True)
class Attached:
    """A policy on a user, group or role, or its permissions boundary. `arn` is None for an inline policy."""

    kind: Kind
    owner: str
    policy_name: str
    text: str = field(repr=False)
    arn: str | None = None

    @property
    def name(self) -> str:
        """What explanations call it: `ann/inline/read`, `boundary/fence`."""
        if self.kind == "boundary":
            return f"boundary/{self.policy_name}"
        return f"{self.owner}/{'managed' if self.arn else 'inline'}/{self.policy_name}"

    @property
    def policy(self) -> Policy:
        return parsed(self.text, self.name)


@dataclass(frozen=True, slots=True)
class Held:
    """The policies on the caller's side, which are the same for every check of a call."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: Policy | None = None
    scps: Levels = ()


def applicable(held: Held, request: Request, *, region: str, endpoint: Policy | None = None) -> PolicySet:
    """All policies that have a say in a request: those that the caller holds, and those of the resource.

    Args:
        region: where the call went, for resources whose ARN leaves it out.
        endpoint: the policy of the VPC endpoint that the request came through.
    """
    owner = organization.membership(request.owner)
    return PolicySet(
        identity=held.identity,
        resource=resource_policy(request.action, request.resource, region),
        boundary=held.boundary,
        session=held.session,
        scps=held.scps,
        rcps=owner.policies("RESOURCE_CONTROL_POLICY") if owner else (),
        endpoint=endpoint,
    )


# -- of the caller ---------------------------------------------------------------------------------------


def held_by(caller: Caller) -> Held:
    """The policies that a caller brings along."""
    entity = entity_of(caller.principal)
    account = caller.principal.account
    here = organization.membership(account) if account else None
    boundary = boundary_of(entity, account)
    return Held(
        identity=tuple(each.policy for each in _identity(caller, entity)),
        boundary=boundary.policy if boundary else None,
        session=_session_policy(caller),
        scps=here.policies("SERVICE_CONTROL_POLICY") if here else (),
    )


def _identity(caller: Caller, entity: Any) -> Iterator[Attached]:
    principal = caller.principal
    if principal.kind is PrincipalKind.FEDERATED and entity is None and _vouched_for_by_root(caller):
        yield Attached("user", "root", "everything", _EVERYTHING)
    elif entity is not None:
        yield from attached(entity, "role" if principal.kind is PrincipalKind.SESSION else "user")


def _vouched_for_by_root(caller: Caller) -> bool:
    return (caller.principal.issuer or "").endswith(":root")


def attached(entity: Any, kind: Kind) -> Iterator[Attached]:
    """The identity-based policies of moto's user, group or role; a user has those of its groups too."""
    yield from _own(entity, kind)
    if kind == "user":
        for group in live("iam", str(entity.arn).split(":")[4]).groups.values():
            if entity in group.users:
                yield from _own(group, "group")


def _own(entity: Any, kind: Kind) -> Iterator[Attached]:
    for name, document in entity.policies.items():
        yield Attached(kind, entity.name, name, document)
    for managed in entity.managed_policies.values():
        yield Attached(kind, entity.name, managed.name, _default_version(managed), str(managed.arn))


def _default_version(managed: Any) -> str:
    version = next(each for each in managed.versions if each.version_id == managed.default_version_id)
    return str(version.document)


def boundary_of(entity: Any, account: str | None) -> Attached | None:
    """The permissions boundary of moto's user or role."""
    arn = getattr(entity, "permissions_boundary_arn", None)
    if not arn:
        return None
    return Attached("boundary", entity.name, arn.rpartition("/")[2], _managed(account, arn), arn)


def _managed(account: str | None, arn: str) -> str:
    """The document of a managed policy by its ARN. One that is gone still limits: nothing is inside it."""
    managed = live("iam", account or "").managed_policies.get(arn)
    return _default_version(managed) if managed else NO_STATEMENTS


def _session_policy(caller: Caller) -> Policy | None:
    session = caller.session
    if session is None or not session.has_policy:
        return None
    return joined([*_session_policies(session, caller.principal.account)], "session policies")


def _session_policies(session: Session, account: str | None) -> Iterator[Policy]:
    if session.policy:
        yield parsed(session.policy, "session policy")
    for arn in session.policy_arns:
        yield parsed(_managed(account, arn), f"session policy {arn.rpartition('/')[2]}")


# -- by name ---------------------------------------------------------------------------------------------


def arn_behind(decision: Decision, caller: Caller) -> str | None:
    """The ARN of the policy that denied a request explicitly; None for inline and resource-based policies."""
    name, principal = decision.policy or "", caller.principal
    entity = entity_of(principal)
    match decision.stage:
        case Stage.IDENTITY:
            found = (each.arn for each in _identity(caller, entity) if each.name == name)
            return next(found, None)
        case Stage.BOUNDARY:
            return getattr(entity, "permissions_boundary_arn", None)
        case Stage.SESSION:
            session = caller.session or Session()
            return session.policy_arns[0] if not session.policy and len(session.policy_arns) == 1 else None
        case Stage.SCP:
            return organization.policy_arn(principal.account, name)
        case Stage.RCP:
            return organization.policy_arn(decision.request.owner, name)
    return None
