"""A request as IAM sees it: who, what, on which resource, in which circumstances.

Source: IAM User Guide, "Components of a request" and "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from labs.aws.iam.principals import Principal
from labs.aws.identifiers import is_account_id

__all__ = ["ContextValue", "Given", "Request"]

ContextValue: TypeAlias = str | tuple[str, ...]
Given: TypeAlias = str | bool | int | float | Sequence[str | bool | int | float]

# The reference names this ARN as the resource where the console and the SDK give none.
_ALL_BUCKETS = "arn:aws:s3:::*"


@dataclass(frozen=True, slots=True)
class Request:
    """One authorization question.

    `context` holds condition keys, in any case, with a text, number or boolean for a single-valued key and a
    tuple or list for a multivalued one. Keys that follow from the principal, the resource or one another
    (`aws:PrincipalArn`, `aws:username`, `aws:ResourceAccount`, `aws:EpochTime`, …) need not be given; given
    ones win.
    `resource_account` defaults to the account in the resource's ARN, else the caller's.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str | None = None
    context: Mapping[str, Given] = field(default_factory=dict)
    action_key: str = field(init=False, repr=False, compare=False)
    target: str = field(init=False, repr=False, compare=False)
    owner: str | None = field(init=False, repr=False, compare=False)
    _values: Mapping[str, ContextValue] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        hold = object.__setattr__
        action = self.action.lower()
        hold(self, "action_key", action)
        lists_buckets = action == "s3:listallmybuckets" and self.resource == "*"
        hold(self, "target", _ALL_BUCKETS if lists_buckets else self.resource)
        hold(self, "owner", self.resource_account or _account_in(self.resource) or self.principal.account)
        hold(self, "_values", {key.lower(): _normal(value) for key, value in self.context.items()})

    def __hash__(self) -> int:
        return hash((self.principal, self.action, self.resource, self.owner))

    @property
    def service(self) -> str:
        """The prefix of the action: `s3` in `s3:GetObject`."""
        return self.action_key.partition(":")[0]

    @property
    def crosses_accounts(self) -> bool:
        """Whether the caller belongs to one account and the resource to another."""
        account = self.principal.account
        return account is not None and self.owner is not None and account != self.owner

    def value(self, key: str) -> ContextValue | None:
        """The value of a condition key, its name in lower case; None when the request does not have it."""
        found = self._values.get(key)
        if found is not None:
            return found
        if key == "aws:resourceaccount" or (key == "s3:resourceaccount" and self.service == "s3"):
            return self.owner
        if key == "aws:currenttime" or key == "aws:epochtime":
            # AWS gives the moment in both forms, and the Date operators read both.
            return self._values.get("aws:epochtime" if key == "aws:currenttime" else "aws:currenttime")
        return self.principal.keys.get(key)

    def single(self, key: str) -> str | None:
        """The value that a policy variable takes: None when the key is absent or multivalued."""
        value = self.value(key)
        return value if isinstance(value, str) else None


def _normal(value: Given) -> ContextValue:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return _plain(value)
    return tuple(item if isinstance(item, str) else _plain(item) for item in value)


def _plain(value: bool | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _account_in(resource: str) -> str | None:
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 and is_account_id(parts[4]) else None
