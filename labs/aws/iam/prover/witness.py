"""From a combination of classes to a request that a person can read, replayed before anyone sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeAlias

from labs.aws.iam.documents import Policy
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.prover.catalogue import COMMON, Form, Service
from labs.aws.iam.prover.company import allowed
from labs.aws.iam.prover.places import Place
from labs.aws.iam.prover.rules import Kind, Side
from labs.aws.iam.requests import ContextValue, Request

__all__ = ["Direction", "Finding", "Witness"]

Cost: TypeAlias = tuple[int, ...]

_MOST_SPOTS: Final = 40
_MOST_KEYS: Final = 40
_IDEAL: Final = (0, 0, 0, 0)
_KNOWN: Final = {
    f"{prefix}:{name}": 100 * place + number
    for place, (prefix, names) in enumerate(COMMON.items())
    for number, name in enumerate(names)
}


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that was replayed; `consenting` says that it takes the consent of another side."""

    request: Request
    consenting: bool
    cost: Cost


@dataclass(frozen=True, slots=True)
class Finding:
    """A combination of classes under which the policies differ.

    `spots` are resources that no statement tells apart, `actions` actions of the same kind, and `owner` the
    account that owns the resource where its ARN does not say. `by_default` says that no statement allows the
    request: the account's root user may do it anyway.
    """

    service: Service
    actions: int
    spots: Sequence[tuple[Form, Place]]
    caller: Principal
    rank: int
    owner: str | None
    context: Mapping[str, ContextValue]
    consenting: bool
    by_default: bool


@dataclass(slots=True)
class Direction:
    """One of the two questions: what does `policy` allow that `other` does not?"""

    kind: Kind
    policy: Policy
    other: Policy
    mine: Side
    others: Side
    open: bool = True
    best: Witness | None = None
    gaps: dict[str, None] = field(default_factory=dict)
    found_at: int = 0

    def subsumed(self, live: int) -> bool:
        """Whether the other policy has all the Allows that are alive, and no Deny more."""
        return not (
            self.mine.allows & live & ~self.others.allows or self.others.denies & live & ~self.mine.denies
        )

    def offer(self, finding: Finding, spent: int) -> None:
        """Take a finding when it makes the best witness so far, and replays."""
        for cost, request in sorted(_requests(finding), key=lambda each: each[0]):
            if self.best is not None and cost >= self.best.cost:
                return
            if self._replays(request, finding.consenting):
                if self.best is None:
                    self.found_at = spent
                self.best = Witness(self._simplest(request, finding.consenting), finding.consenting, cost)
                self.open = cost[: len(_IDEAL)] != _IDEAL
                return
        if self.best is None:
            self.gaps.setdefault("a difference was found that the evaluator does not confirm")

    def _replays(self, request: Request, consenting: bool) -> bool:
        return allowed(self.policy, self.kind, request, consenting=consenting) and not allowed(
            self.other, self.kind, request, consenting=consenting
        )

    def _simplest(self, request: Request, consenting: bool) -> Request:
        """The request without context keys that it does not need, and as close to a real one as it can be."""
        keys = list(request.context)[:_MOST_KEYS]
        changes: list[Callable[[Request], Request]] = [partial(_without, key=key) for key in keys]
        for change in (*changes, _one_partition, _known_region, _one_region, _named):
            changed = change(request)
            if changed is not request and self._replays(changed, consenting):
                request = changed
        return request


# Changes for the reader's sake. Each may turn a witness into none, and is then not made.


def _without(request: Request, key: str) -> Request:
    return replace(request, context={name: value for name, value in request.context.items() if name != key})


def _one_partition(request: Request) -> Request:
    """The caller in the partition of the resource."""
    here, there = request.principal.arn.split(":"), request.resource.split(":", 2)
    alone = request.principal.issuer in (None, request.principal.arn)
    if not alone or len(here) < 6 or len(there) < 3 or here[1] == there[1]:
        return request
    return replace(request, principal=Principal.parse(":".join([here[0], there[1], *here[2:]])))


def _known_region(request: Request) -> Request:
    """The resource in a region that there is."""
    parts = request.resource.split(":", 5)
    if len(parts) < 6 or not parts[3] or _REGION.fullmatch(parts[3]):
        return request
    return replace(request, resource=":".join([*parts[:3], "us-east-1", *parts[4:]]))


_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


def _one_region(request: Request) -> Request:
    """The resource in the region that the request is for."""
    parts = request.resource.split(":", 5)
    for key, value in request.context.items():
        if key.lower() == "aws:requestedregion" and isinstance(value, str) and len(parts) == 6 and parts[3]:
            return replace(request, resource=":".join([*parts[:3], value, *parts[4:]]))
    return request


def _named(request: Request) -> Request:
    """The resource with a name where its ARN ends in a separator."""
    ends = request.resource.endswith(("/", ":", "-", "_", "."))
    return replace(request, resource=f"{request.resource}x") if ends else request


def _requests(finding: Finding) -> Iterator[tuple[Cost, Request]]:
    """The requests that the finding can be shown by, with what it costs to read them."""
    keys = tuple(finding.context)
    for form, place in finding.spots[:_MOST_SPOTS]:
        names = finding.service.names(form.actions & finding.actions)
        strange, action = min(
            ((_strange(finding, name, form, keys), name) for name in (names[:12] if keys else names[:1])),
            key=lambda each: each[0],
        )
        request = Request(finding.caller, action, place.arn, finding.owner, finding.context)
        yield (
            (
                int(finding.consenting),
                int(finding.by_default),
                strange,
                len(keys) + (finding.owner is not None),
                finding.rank,
                _KNOWN.get(action, 10_000),
                len(place.arn),
            ),
            request,
        )


def _strange(finding: Finding, action: str, form: Form, keys: tuple[str, ...]) -> int:
    """How many of the keys a real request of this kind would not have."""
    count = sum(not finding.service.knows(action, form, key) for key in keys)
    if finding.caller.kind in _WITHOUT_ACCOUNT:
        count += sum(key.lower().startswith(("aws:principal", "aws:userid")) for key in keys)
    return count


_WITHOUT_ACCOUNT: Final = frozenset({PrincipalKind.ANONYMOUS, PrincipalKind.SERVICE, PrincipalKind.PROVIDER})
