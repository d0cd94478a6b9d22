"""The elements of a statement: each tells whether it matches a request, and can say why.

`matches` (of a Principal, `grant`) is the only place where matching is decided; `holds` asks it for any
element, and `why` adds the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from labs.aws.iam import wording
from labs.aws.iam.operators import Spelling
from labs.aws.iam.patterns import Matcher, any_of
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.requests import Request

__all__ = [
    "NAMES_NOBODY",
    "ActionElement",
    "ConditionElement",
    "Grant",
    "PrincipalElement",
    "PrincipalEntry",
    "ResourceElement",
]


class Grant(IntEnum):
    """How closely a Principal element names the caller, which decides what else must allow the request.

    Source: IAM User Guide, "Policy evaluation for requests within a single account".
    """

    NONE = 0
    ACCOUNT = 1
    """The caller's account: it delegates, so the caller's own policies must allow the request too."""
    ISSUER = 2
    """The role or user behind a session: enough, within the session's boundary and session policies."""
    CALLER = 3
    """The caller itself, or everyone: enough."""


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """One value of a Principal element: `{"AWS": "arn:…"}` has the type "AWS"."""

    type: str
    text: str

    @property
    def account(self) -> str | None:
        """The account that this entry names as a whole; None for every other entry."""
        if self.type != "AWS":
            return None
        if len(self.text) == 12 and self.text.isdigit():
            return self.text
        return self.text.split(":")[4] if self.text.endswith(":root") and self.text.count(":") == 5 else None

    def grant(self, principal: Principal) -> Grant:
        """How closely this entry names the principal."""
        kind = principal.kind
        if self.type == "Service" or self.type == "Federated":
            wanted = PrincipalKind.SERVICE if self.type == "Service" else PrincipalKind.PROVIDER
            return Grant.CALLER if kind is wanted and self.text in ("*", principal.arn) else Grant.NONE
        if self.text == "*":
            return Grant.CALLER
        if self.type != "AWS" or principal.account is None or kind is PrincipalKind.PROVIDER:
            return Grant.NONE
        if (account := self.account) is not None:
            if account != principal.account:
                return Grant.NONE
            return Grant.CALLER if kind is PrincipalKind.ROOT else Grant.ACCOUNT
        if ":role/" in self.text:
            return Grant.ISSUER if principal.is_session_of(self.text) else Grant.NONE
        if self.text == principal.arn:
            return Grant.CALLER
        return Grant.ISSUER if self.text == principal.issuer else Grant.NONE


# To be spared by a Deny with NotPrincipal, each of these forms must be listed.
_SPARED_BY = {
    PrincipalKind.USER: {Grant.CALLER, Grant.ACCOUNT},
    PrincipalKind.SESSION: {Grant.CALLER, Grant.ISSUER, Grant.ACCOUNT},
    PrincipalKind.FEDERATED: {Grant.CALLER, Grant.ACCOUNT},
}


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """Principal or NotPrincipal."""

    element: ClassVar = "Principal"

    entries: tuple[PrincipalEntry, ...]
    negated: bool
    denies: bool

    @property
    def label(self) -> str:
        """The name of the element as the policy writes it."""
        return "NotPrincipal" if self.negated else "Principal"

    def grant(self, principal: Principal, bounded: bool) -> Grant:
        """How closely the element names the principal, who has a permissions boundary if `bounded`."""
        if not self.negated:
            best = Grant.NONE
            for entry in self.entries:
                best = max(best, entry.grant(principal))
            return best
        listed = {entry.grant(principal) for entry in self.entries}
        if not self.denies:
            return Grant.CALLER if listed == {Grant.NONE} else Grant.NONE
        if bounded:
            return Grant.CALLER
        everyone = any(entry.text == "*" and entry.type == "AWS" for entry in self.entries)
        spared = everyone or _SPARED_BY.get(principal.kind, {Grant.CALLER}) <= listed
        return Grant.NONE if spared else Grant.CALLER

    @property
    def expected(self) -> tuple[str, ...]:
        """The principals as the policy writes them."""
        return tuple(entry.text for entry in self.entries)

    def actual(self, request: Request) -> tuple[str, ...]:
        """The caller."""
        return (request.principal.arn,)

    def holds(self, request: Request, bounded: bool) -> bool:
        """Whether the element names the caller."""
        return self.grant(request.principal, bounded) is not Grant.NONE

    def why(self, request: Request, matched: bool, bounded: bool) -> str:
        """Why the element names the caller, or does not."""
        return wording.principal(self, request.principal, self.grant(request.principal, bounded), bounded)


NAMES_NOBODY = PrincipalElement((), negated=False, denies=False)
"""What stands where a policy on a resource should have said whom it is about."""


@dataclass(frozen=True, slots=True)
class ActionElement:
    """Action or NotAction. Letter case does not count."""

    element: ClassVar = "Action"

    texts: tuple[str, ...]
    matchers: tuple[Matcher, ...]
    negated: bool
    _any: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_any", any_of(self.matchers))

    @property
    def label(self) -> str:
        """The name of the element as the policy writes it."""
        return "NotAction" if self.negated else "Action"

    def matches(self, request: Request) -> bool:
        """Whether the statement is about the request's action."""
        return bool(self._any(request.action_key, request)) is not self.negated

    @property
    def expected(self) -> tuple[str, ...]:
        """The actions as the policy writes them."""
        return self.texts

    def actual(self, request: Request) -> tuple[str, ...]:
        """The request's action."""
        return (request.action,)

    def holds(self, request: Request, bounded: bool) -> bool:
        """The same, whoever calls."""
        return self.matches(request)

    def why(self, request: Request, matched: bool, bounded: bool) -> str:
        """Why the element matches, or does not."""
        return wording.action(self, request, matched)


@dataclass(frozen=True, slots=True)
class ResourceElement:
    """Resource or NotResource."""

    element: ClassVar = "Resource"

    texts: tuple[str, ...]
    matchers: tuple[Matcher, ...]
    negated: bool
    variables: bool
    _any: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_any", any_of(self.matchers))

    @property
    def label(self) -> str:
        """The name of the element as the policy writes it."""
        return "NotResource" if self.negated else "Resource"

    def matches(self, request: Request) -> bool:
        """Whether the statement is about the request's resource."""
        return bool(self._any(request.target, request)) is not self.negated

    @property
    def expected(self) -> tuple[str, ...]:
        """The resources as the policy writes them."""
        return self.texts

    def actual(self, request: Request) -> tuple[str, ...]:
        """The request's resource."""
        return (request.resource,)

    def holds(self, request: Request, bounded: bool) -> bool:
        """The same, whoever calls."""
        return self.matches(request)

    def why(self, request: Request, matched: bool, bounded: bool) -> str:
        """Why the element matches, or does not."""
        return wording.resource(self, request, matched)


@dataclass(frozen=True, slots=True)
class ConditionElement:
    """One operator with one key: `"StringEquals": {"aws:username": "ada"}`."""

    element: ClassVar = "Condition"

    spelling: Spelling
    written: str
    key: str
    key_written: str
    texts: tuple[str, ...]
    matchers: tuple[Matcher, ...]
    variables: bool
    _any: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_any", any_of(self.matchers))

    @property
    def label(self) -> str:
        """Operator and key as the policy writes them."""
        return f"{self.written} {self.key_written}"

    def matches(self, request: Request) -> bool:
        """Whether the condition holds for the request."""
        value = request.value(self.key)
        operator = self.spelling.operator
        if operator.family == "null":
            return bool(self._any("true" if is_null(value) else "false", request))
        quantifier = self.spelling.quantifier
        if value is None or value == () or (quantifier is not None and is_null(value)):
            return self.spelling.if_exists or (
                operator.negated if quantifier is None else quantifier == "ForAllValues"
            )
        if quantifier is None:
            if isinstance(value, tuple):
                return operator.negated
            return bool(self._any(value, request)) is not operator.negated
        values = value if isinstance(value, tuple) else (value,)
        wanted = all if quantifier == "ForAllValues" else any
        return wanted(self.holds_for(each, request) for each in values)

    def holds_for(self, value: str, request: Request) -> bool:
        """Whether the operator holds for one value of the key."""
        return bool(self._any(value, request)) is not self.spelling.operator.negated

    @property
    def expected(self) -> tuple[str, ...]:
        """The values as the policy writes them."""
        return self.texts

    def actual(self, request: Request) -> tuple[str, ...]:
        """The request's values of the key."""
        value = request.value(self.key)
        return () if value is None else value if isinstance(value, tuple) else (value,)

    def holds(self, request: Request, bounded: bool) -> bool:
        """The same, whoever calls."""
        return self.matches(request)

    def why(self, request: Request, matched: bool, bounded: bool) -> str:
        """Why the condition holds, or does not."""
        return wording.condition(self, request, request.value(self.key), matched)


def is_null(value: str | tuple[str, ...] | None) -> bool:
    """Whether a key is absent, or multivalued without a value that is not empty."""
    return value is None or (isinstance(value, tuple) and not any(value))
