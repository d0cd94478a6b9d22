"""What a table of operations is made of: the scene of a call, rules that look at it, checks they plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from labs.aws.iam import Principal
from labs.aws.identifiers import is_account_id
from labs.sandbox.clock import Timeline
from labs.sandbox.principals import Caller
from labs.sandbox.signature_time import STRAIGHT
from labs.sandbox.wire import Call

__all__ = [
    "ContextValue",
    "PlannedCheck",
    "Rule",
    "Scene",
    "as_text",
    "each",
    "fitting",
    "free",
    "passed_role",
    "tag_context",
]

ContextValue: TypeAlias = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One question for IAM: an action on a resource, with the condition keys that belong to both.

    `resource_account` is the owner's account where the ARN does not tell it (S3). `approximate` marks a
    resource that was derived from the names of parameters only. `via` is the service that asks on the
    caller's behalf, as S3 does for a KMS key.
    """

    action: str
    resource: str
    resource_account: str | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    approximate: bool = False
    via: str | None = None

    @property
    def owner(self) -> str | None:
        """The account that the resource belongs to; None where neither the ARN nor anything else tells."""
        if self.resource_account is not None:
            return self.resource_account
        parts = self.resource.split(":", 5)
        return parts[4] if len(parts) == 6 and is_account_id(parts[4]) else None


@dataclass(frozen=True, slots=True)
class Scene:
    """A call, who makes it, in which account and when: what a rule looks at.

    `now` is the world's time, and `timeline` says how far that is ahead of the clients'.
    """

    call: Call
    caller: Caller
    account: str
    now: datetime
    timeline: Timeline = STRAIGHT

    @property
    def principal(self) -> Principal:
        return self.caller.principal

    @property
    def params(self) -> Mapping[str, Any]:
        return self.call.params

    @property
    def region(self) -> str:
        return self.call.region

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN in the call's region and account."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account}:{resource}"

    def text(self, name: str) -> str:
        """A parameter as text; empty when it is absent."""
        return as_text(self.params.get(name))

    def many(self, name: str) -> Sequence[Any]:
        """A parameter that is a list; empty when it is absent."""
        value = self.params.get(name)
        return value if isinstance(value, list | tuple) else ()


def as_text(value: object) -> str:
    """A value of a parameter as a condition key shows it: `true`, not `True`; empty for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


Rule: TypeAlias = Callable[[Scene], Iterable[PlannedCheck]]


def free(scene: Scene) -> Iterable[PlannedCheck]:
    """A rule for calls that need no permission."""
    return ()


def each(*rules: Rule) -> Rule:
    """A rule that asks the questions of several."""

    def all_of_them(scene: Scene) -> Iterable[PlannedCheck]:
        for rule in rules:
            yield from rule(scene)

    return all_of_them


def fitting(context: Mapping[str, ContextValue], known: frozenset[str]) -> dict[str, ContextValue]:
    """Those of the condition keys that an action knows: AWS gives no others to a policy.

    Args:
        known: in lower case, those with a tag's key in them cut before it.
    """
    return {key: value for key, value in context.items() if key.partition("/")[0].lower() in known}


def passed_role(role_arn: str, service: str, user: str = "") -> PlannedCheck:
    """The question whether the caller may hand a role to a service.

    Args:
        user: the ARN of what the role is for, such as a function.
    """
    context: dict[str, ContextValue] = {"iam:PassedToService": service}
    if user:
        context["iam:AssociatedResourceArn"] = user
    return PlannedCheck("iam:PassRole", role_arn, context=context)


def tag_context(tags: object, removed: Iterable[object] = ()) -> dict[str, ContextValue]:
    """aws:RequestTag/KEY for tags that a request brings; aws:TagKeys for these and those that it removes.

    Args:
        tags: by key, or as a list of pairs, in whatever spelling the service has for them.
        removed: keys of tags that the request takes away.
    """
    given = _pairs(tags)
    keys = (*given, *map(str, removed))
    if not keys:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in given.items()}, "aws:TagKeys": keys}


def _pairs(tags: object) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {str(key): as_text(value) for key, value in tags.items()}
    pairs = [tag for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list | tuple) else []
    # Key and Value, key and value, TagKey and TagValue.
    spelled = [{name.lower().removeprefix("tag"): text for name, text in pair.items()} for pair in pairs]
    return {as_text(pair["key"]): as_text(pair.get("value")) for pair in spelled if "key" in pair}
