"""What an explanation is made of: stages, their policies, their statements, and each statement's elements."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol, TypeAlias

from labs.aws.iam.requests import Request

__all__ = [
    "Element",
    "ElementTrace",
    "Outcome",
    "PolicyTrace",
    "Stage",
    "StageTrace",
    "StatementTrace",
    "Verdict",
]


class Outcome(Enum):
    """What IAM answers."""

    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"


class Stage(Enum):
    """The types of policy, in the order in which AWS considers them; sentences use the value."""

    RCP = "resource control policy"
    SCP = "service control policy"
    ENDPOINT = "VPC endpoint policy"
    RESOURCE = "resource-based policy"
    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"

    __hash__ = object.__hash__  # members are singletons, and Enum's own hash is slow: it is written in Python

    @property
    def names_principals(self) -> bool:
        """Whether its policies say whom they are about, so that a statement must name the caller."""
        return self is Stage.RESOURCE or self is Stage.ENDPOINT


Verdict: TypeAlias = Literal["denies", "allows", "silent", "not reached", "absent"]


class Element(Protocol):
    """What a trace asks of an element of a statement."""

    @property
    def element(self) -> str:
        """Which of the four it is."""

    @property
    def label(self) -> str:
        """How the policy writes it."""

    @property
    def expected(self) -> tuple[str, ...]:
        """What the policy says."""

    def actual(self, request: Request) -> tuple[str, ...]:
        """What the request has in its place."""

    def holds(self, request: Request, bounded: bool) -> bool:
        """Whether it matches the request, whose caller has a permissions boundary if `bounded`."""

    def why(self, request: Request, matched: bool, bounded: bool) -> str:
        """Why it matched, or did not."""


@dataclass(frozen=True, slots=True)
class ElementTrace:
    """One element of a statement against one request: what the policy says, what the request has, and why
    they fit or do not.

    The words are made when they are read: most traces are made to be searched for one element.
    """

    part: Element
    request: Request
    matched: bool
    bounded: bool = False

    @property
    def element(self) -> str:
        """ "Principal", "Action", "Resource" or "Condition"."""
        return self.part.element

    @property
    def label(self) -> str:
        """How the policy writes it: "NotAction", "StringEquals aws:username"."""
        return self.part.label

    @property
    def expected(self) -> tuple[str, ...]:
        """What the policy says, as it says it."""
        return self.part.expected

    @property
    def actual(self) -> tuple[str, ...]:
        """What the request has; empty when the request has no such key."""
        return self.part.actual(self.request)

    @property
    def why(self) -> str:
        """Why it matched or did not, in half a sentence that can stand alone or after "but"."""
        return self.part.why(self.request, self.matched, self.bounded)


@dataclass(frozen=True, slots=True)
class StatementTrace:
    """One statement: it matched when all of its elements did. `index` counts from 1."""

    index: int
    sid: str | None
    effect: str
    matched: bool
    elements: tuple[ElementTrace, ...]

    @property
    def label(self) -> str:
        """The statement's Sid, or its number."""
        return self.sid or str(self.index)


@dataclass(frozen=True, slots=True)
class PolicyTrace:
    """One policy with each of its statements."""

    name: str
    statements: tuple[StatementTrace, ...]


@dataclass(frozen=True, slots=True)
class StageTrace:
    """One stage: its verdict, its policies, and a note where the verdict needs one."""

    stage: Stage
    verdict: Verdict
    policies: tuple[PolicyTrace, ...]
    note: str = ""
