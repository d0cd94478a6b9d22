"""Where an account stands in its organization, and which of the organization's policies reach it.

Source: AWS Organizations User Guide, "SCP evaluation", "RCP evaluation": policies count from the root through
each organizational unit to the account; none restricts the management account, and a type of policy that is
not enabled at the root restricts nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from labs.aws.iam import Policy
from labs.sandbox.documents import parsed
from labs.sandbox.live import live

__all__ = ["Membership", "membership", "paid_by", "policy_arn"]

Levels = tuple[tuple[Policy, ...], ...]
PolicyType = Literal["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]


@dataclass(frozen=True, slots=True)
class Membership:
    """An account in its organization. `line` holds moto's root, units and account, from the top down."""

    id: str
    management_account: str
    line: tuple[Any, ...] = field(repr=False)

    @property
    def path(self) -> str:
        """`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`, as aws:PrincipalOrgPaths has it."""
        return "/".join([self.id, *(str(each.id) for each in self.line[:-1]), ""])

    def policies(self, type: PolicyType) -> Levels:
        """The policies of a type on each level, top down; none for the management account."""
        root, account = self.line[0], self.line[-1]
        enabled = any(each["Type"] == type for each in root.policy_types)
        if not enabled or account.id == self.management_account:
            return ()
        return tuple(
            tuple(
                parsed(policy.content, policy.name)
                for policy in each.attached_policies
                if policy.type == type
            )
            for each in self.line
        )


def membership(account: str | None) -> Membership | None:
    """The organization of an account and the account's place in it; None for an account without one."""
    from moto.organizations.models import organizations_backends

    for partitions in list(organizations_backends.values()) if organizations_backends else ():
        backend = partitions.get("aws")
        if backend is None or backend.org is None:
            continue
        found = next((each for each in backend.accounts if each.id == account), None)
        if found is not None:
            line = tuple(reversed([*_upwards(backend, found)]))
            return Membership(backend.org.id, backend.org.master_account_id, line)
    return None


def paid_by(account: str) -> tuple[str, ...]:
    """The accounts whose costs an account sees: its own, and a management account those of all members.

    Source: AWS Cost Management User Guide, "Controlling access to Cost Explorer".
    """
    here = membership(account)
    if here is None or here.management_account != account:
        return (account,)
    members = (str(each.id) for each in live("organizations", account).accounts)
    return (account, *(each for each in members if each != account))


def _upwards(backend: Any, account: Any) -> Iterator[Any]:
    yield account
    parent_id = account.parent_id
    while (unit := next((each for each in backend.ou if each.id == parent_id), None)) is not None:
        yield unit
        parent_id = unit.parent_id


def policy_arn(account: str | None, name: str) -> str | None:
    """The ARN of the policy of that name in an account's organization."""
    here = membership(account)
    if here is None:
        return None
    policies = live("organizations", here.management_account).policies
    return next((str(policy.arn) for policy in policies if policy.name == name), None)
