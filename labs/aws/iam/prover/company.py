"""The company in which a policy is judged: alone and, where AWS asks another side too, with its consent.

An identity-based policy that allows sts:AssumeRole does nothing while the role's trust policy is silent, and
a bucket policy that names a user of another account does nothing while that user's own account is. Yet both
give something away. So a request that crosses accounts, or that a trust or key policy must allow, is judged
twice: with the policy alone, and with another side that consents to everything.

Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from labs.aws.iam.documents import Policy
from labs.aws.iam.elements import Grant
from labs.aws.iam.evaluation import PolicySet, evaluate, must_be_named
from labs.aws.iam.grammar import parse_policy
from labs.aws.iam.json_text import Json
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.prover.rules import Kind
from labs.aws.iam.requests import Request

__all__ = ["Circumstances", "allowed", "another_side", "company", "sufficient"]

_ELSEWHERE: Final = ("111111111111", "222222222222")
_TRIAL_RESOURCES: Final = {"kms": "arn:aws:kms:us-east-1::key/x"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What of a request, besides the statements that match, decides which policies must allow it.

    `trial` is an action that AWS treats like the request's; `crosses` tells whether the resource belongs to
    another account than the caller.
    """

    trial: str
    crosses: bool


def another_side(request: Request) -> bool:
    """Whether AWS asks another side's policy too: across accounts, for trust policies and for KMS keys."""
    return request.crosses_accounts or must_be_named(request)


def company(policy: Policy, kind: Kind, caller: Principal, *, consenting: bool) -> PolicySet:
    """The policy on its own, or with a policy of the other side that consents to everything."""
    if kind == "identity":
        resource = _naming(caller.account or _ELSEWHERE[0]) if consenting else None
        return PolicySet(identity=(policy,), resource=resource)
    return PolicySet(identity=(_EVERYTHING,) if consenting else (), resource=policy)


def allowed(policy: Policy, kind: Kind, request: Request, *, consenting: bool) -> bool:
    """Whether the evaluator allows the request in that company."""
    policies = company(policy, kind, request.principal, consenting=consenting)
    return evaluate(request, policies).allowed


@lru_cache(maxsize=16_384)
def sufficient(
    kind: Kind, caller: Principal, circumstances: Circumstances, consenting: bool
) -> frozenset[Grant]:
    """How closely an Allow must name the caller to be enough.

    NONE is among the answers where no Allow is needed at all. An identity-based policy is about its owner, so
    that each of its statements counts as CALLER. The evaluator itself is asked.
    """
    other = next(account for account in _ELSEWHERE if account != caller.account)
    resource = _TRIAL_RESOURCES.get(circumstances.trial.partition(":")[0], "*")
    request = Request(caller, circumstances.trial, resource, other if circumstances.crosses else None)
    trials: dict[Grant, Policy] = {}
    if kind == "identity":
        trials = {Grant.NONE: _NOTHING, Grant.CALLER: _EVERYTHING}
    else:
        trials = {Grant.NONE: _naming("000000000000"), Grant.CALLER: _naming("*")}
        if caller.account:
            trials[Grant.ACCOUNT] = _naming(caller.account)
        if caller.issuer or caller.kind is PrincipalKind.SESSION:
            trials[Grant.ISSUER] = _naming(caller.issuer or caller.keys["aws:principalarn"])
    return frozenset(
        grant for grant, policy in trials.items() if allowed(policy, kind, request, consenting=consenting)
    )


def _allowing(name: str, **elements: Json) -> Policy:
    statement: dict[str, Json] = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, name)


@cache
def _naming(principal: str) -> Policy:
    return _allowing("the other side's policy", Principal={"AWS": principal})


_EVERYTHING: Final = _allowing("the caller's own policy")
_NOTHING: Final = _allowing("nothing", Action="x:x")
