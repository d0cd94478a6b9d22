"""Questions that the prover answers besides the comparison of two policies."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from labs.aws.iam.documents import Policy
from labs.aws.iam.evaluation import PolicySet, evaluate
from labs.aws.iam.grammar import parse_policy
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.prover.budget import Budget, Exhausted
from labs.aws.iam.prover.catalogue import matching, service
from labs.aws.iam.prover.rules import Kind
from labs.aws.iam.prover.search import Focus, Search
from labs.aws.iam.prover.witness import Direction
from labs.aws.iam.requests import Request
from labs.errors import InputError

__all__ = ["NewAccess", "allows_any", "new_access", "who_can"]

_NOTHING: Final = parse_policy({"Version": "2012-10-17", "Statement": []}, "nothing")


@dataclass(frozen=True, slots=True)
class NewAccess:
    """What a statement allows that was not allowed before, by an example."""

    statement: str
    request: Request


def allows_any(policy: Policy, actions: Iterable[str], kind: Kind = "identity") -> dict[str, Request | None]:
    """For each action a request for it that the policy allows, or None when it allows none.

    An action may have wildcards, and is then allowed when one of those that it matches is.

    Raises:
        InputError: AWS has no such action, or the policy is too involved to decide.
    """
    found: dict[str, Request | None] = {}
    for action in actions:
        search = Search(_NOTHING, policy, kind, Budget(), Focus(actions=_named(action)))
        found[action] = _decided(search)
    return found


def new_access(before: Policy, after: Policy, kind: Kind = "identity") -> tuple[NewAccess, ...]:
    """The statements of `after` that allow something that `before` does not, each with an example.

    Raises:
        InputError: the policies are too involved to decide.
    """
    found: list[NewAccess] = []
    for statement in after.allows:
        alone = replace(after, statements=(statement, *after.denies))
        request = _decided(Search(before, alone, kind, Budget()))
        if request is not None:
            found.append(NewAccess(statement.label, request))
    return tuple(found)


def who_can(
    policies: Policy | Mapping[str, Sequence[Policy]], action: str, resource: str
) -> tuple[Request, ...]:
    """Who can do something to a resource: a request for each kind of caller that can, with what it takes.

    Args:
        policies: a resource-based policy, whose callers are those that it tells apart; or for each principal,
            as an ARN, its identity-based policies.
        action: one real action.
        resource: the ARN of the resource, or `*`.

    Raises:
        InputError: AWS has no such action, a principal cannot be read, or the policies are too involved.
    """
    actions = _named(action)
    if isinstance(policies, Policy):
        search = Search(_NOTHING, policies, "resource", Budget(), Focus(actions, resource))
        try:
            return tuple(_each_caller(search))
        except Exhausted as exhausted:
            raise _undecided(exhausted) from None
    found: list[Request] = []
    for name, held in policies.items():
        caller = Principal.parse(name)
        if caller.kind is PrincipalKind.ROOT:
            request = Request(caller, action, resource)
            found += [request] if evaluate(request, PolicySet(identity=tuple(held))).allowed else []
            continue
        everything = Policy(
            name, "2012-10-17", tuple(each for policy in held for each in policy.statements), {}
        )
        focus = Focus(actions, resource, (caller,))
        answer = _decided(Search(_NOTHING, everything, "identity", Budget(), focus))
        found += [answer] if answer is not None else []
    return tuple(found)


def _each_caller(search: Search) -> Iterable[Request]:
    search.narrower.open = False
    for rank in range(search.callers):
        search.run(rank)
        _complete(search.wider)
        if search.wider.best is not None:
            yield search.wider.best.request


def _decided(search: Search) -> Request | None:
    search.narrower.open = False
    try:
        search.run()
    except Exhausted as exhausted:
        if search.wider.best is None:
            raise _undecided(exhausted) from None
    _complete(search.wider)
    return search.wider.best.request if search.wider.best else None


def _complete(direction: Direction) -> None:
    if direction.best is None and direction.gaps:
        raise InputError("The policy is too involved to decide", f"{next(iter(direction.gaps))}.", _HINT)


def _undecided(exhausted: Exhausted) -> InputError:
    return InputError("The policy is too involved to decide", exhausted.bound.sentence, _HINT)


_HINT: Final = "Ask about a part of it: fewer statements, fewer wildcards."


def _named(action: str) -> Mapping[str, int]:
    """The actions that a text names, by service."""
    text = parse_policy(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    ).statements[0]
    prefix = action.partition(":")[0].lower()
    found = service(prefix)
    mask = matching(text.action.matchers[0], prefix) if found else 0
    if found is None or not mask:
        known = [name.lower() for name in found.actions] if found else []
        near = difflib.get_close_matches(action.lower(), known, n=1)
        raise InputError(
            "AWS has no such action",
            f"It is {action[:80]!r}.",
            f"Did you mean {found.actions[known.index(near[0])]}?"
            if found and near
            else "Look at its spelling.",
        )
    return {prefix: mask}
