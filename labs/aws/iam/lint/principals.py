"""What may be wrong with Principal and NotPrincipal, and with the actions of a trust policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from labs.aws.iam.elements import ConditionElement, PrincipalElement, PrincipalEntry
from labs.aws.iam.lint.findings import Finding
from labs.aws.iam.lint.resources import clip
from labs.aws.iam.lint.subjects import Subject
from labs.aws.reference import key_name

__all__ = ["check_principals", "check_trust"]

_ACCOUNT: Final = re.compile(r"arn:[^:]*:(?:iam|sts)::([0-9]{12}):", re.ASCII)
_PRINCIPAL_ARN: Final = re.compile(
    r"arn:[^:]*:(iam::[0-9]{12}:(root|user/.+|role/.+)"
    r"|sts::[0-9]{12}:(assumed-role/[^/]+/[^/]+|federated-user/.+|self)|iam::cloudfront:user/.+)",
    re.ASCII,
)
_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|aws\.internal)", re.ASCII)
# Keys that tell a caller, an organization or a network: what makes a policy not public, as S3 sees it.
_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltag/",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
_ROLE_TAKING: Final = {
    "sts:assumerole": "AWS",
    "sts:assumerolewithsaml": "Federated",
    "sts:assumerolewithwebidentity": "Federated",
}
_OF_TRUST: Final = frozenset({*_ROLE_TAKING, "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"})


def check_principals(subject: Subject) -> Iterator[Finding]:
    """Principals that are nobody or everybody, and NotPrincipal where it does not do what it seems to."""
    element = subject.statement.principal
    if element is None:
        return
    for path, entry in _entries(subject, element):
        yield from _nobody(subject, path, entry)
        if subject.kind == "endpoint" and entry.text != "*":
            yield subject.finding(
                "endpoint-principal",
                path,
                "At a gateway endpoint (S3, DynamoDB) an account here means its root user only, and users "
                "and roles cannot be named.",
                'Write "Principal": "*", and compare aws:PrincipalArn in a Condition.',
            )
    if element.negated:
        yield from _not_principal(subject, element)
    elif (
        subject.allows
        and subject.kind not in ("endpoint", "rcp")
        and not any(_narrows(condition) for condition in subject.statement.conditions)
        and any(entry == PrincipalEntry("AWS", "*") for entry in element.entries)
    ):
        what = "assume the role" if subject.kind == "trust" else "do this, without signing in"
        yield subject.finding(
            "principal-everyone",
            f"{subject.path}.Principal",
            f"Everyone in every account may {what}.",
            "Name accounts or roles, or add a Condition on aws:PrincipalOrgID, aws:SourceArn or the like.",
        )


def _narrows(condition: ConditionElement) -> bool:
    """Whether a condition lets in some callers only."""
    return key_name(condition.key) in _NARROWING and not condition.spelling.operator.negated


def _entries(subject: Subject, element: PrincipalElement) -> Iterator[tuple[str, PrincipalEntry]]:
    written = subject.written.get(element.label)
    if not isinstance(written, dict):
        yield f"{subject.path}.{element.label}", element.entries[0]
        return
    left = iter(element.entries)
    for type, values in written.items():
        path = f"{subject.path}.{element.label}.{type}"
        if isinstance(values, list):
            yield from ((f"{path}[{place}]", next(left)) for place in range(len(values)))
        else:
            yield path, next(left)


def _nobody(subject: Subject, path: str, entry: PrincipalEntry) -> Iterator[Finding]:
    text = entry.text
    if entry.type == "AWS" and text.startswith("arn:"):
        if "*" in text or "?" in text:
            yield subject.finding(
                "principal-wildcard",
                path,
                f"A wildcard inside a principal's ARN matches nobody, so {clip(text)} names no one.",
                'Name the account, and add a Condition with ArnLike on "aws:PrincipalArn".',
            )
        elif ":group/" in text:
            yield subject.finding(
                "principal-not-one",
                path,
                f"A group signs no request, so {clip(text)} names no one.",
                "Name the group's users, or give the group an identity-based policy.",
            )
        elif not _PRINCIPAL_ARN.fullmatch(text):
            yield subject.finding(
                "principal-not-one",
                path,
                f"{clip(text)} is no user, role, session or account, so it names no one.",
                "Write arn:aws:iam::ACCOUNT:user/NAME, …:role/NAME or …:root.",
            )
    elif entry.type == "Service" and text != "*" and not _SERVICE.fullmatch(text):
        bare = re.sub(r"[^a-z0-9-]", "", text.lower().partition(".")[0])
        yield subject.finding(
            "principal-not-one",
            path,
            f"{clip(text)} is not the name of a service that acts as a principal.",
            f"Services are named as in {bare or 'ec2'}.amazonaws.com.",
        )


def _not_principal(subject: Subject, element: PrincipalElement) -> Iterator[Finding]:
    path = f"{subject.path}.NotPrincipal"
    if subject.allows:
        yield subject.finding(
            "not-principal-allow",
            path,
            "Allow with NotPrincipal allows everyone else, in every account, without signing in.",
            "List who is allowed under Principal.",
        )
        return
    accounts = {entry.account for entry in element.entries}
    for place, entry in _entries(subject, element):
        found = _ACCOUNT.match(entry.text)
        if found and entry.account is None and found[1] not in accounts:
            yield subject.finding(
                "not-principal-incomplete",
                place,
                f"A Deny spares {clip(entry.text)} only when NotPrincipal lists its account too.",
                f"Add arn:aws:iam::{found[1]}:root, or use Principal with a Condition on aws:PrincipalArn.",
            )


def check_trust(subject: Subject) -> Iterator[Finding]:
    """Actions that a role's trust policy is not about, or that its principals cannot call."""
    if subject.kind != "trust" or subject.statement.action.negated:
        return
    types = (
        {entry.type for entry in subject.statement.principal.entries}
        if subject.statement.principal
        else set()
    )
    for path, text in subject.places(subject.statement.action):
        action = text.lower()
        if "*" not in action and "?" not in action and action not in _OF_TRUST:
            yield subject.finding(
                "trust-action",
                path,
                f"A trust policy is about assuming the role, and {clip(text)} is not.",
                "Write sts:AssumeRole here, and give the role the permission in an identity-based policy.",
            )
        elif types == {"Federated"} and action == "sts:assumerole":
            yield subject.finding(
                "trust-action",
                path,
                "An identity provider does not call sts:AssumeRole, so this lets no one in.",
                "Write sts:AssumeRoleWithSAML or sts:AssumeRoleWithWebIdentity.",
            )
        elif types and "Federated" not in types and _ROLE_TAKING.get(action) == "Federated":
            yield subject.finding(
                "trust-action",
                path,
                f"Only an identity provider calls {clip(text)}, and none is named.",
                'Write sts:AssumeRole, or name the provider: {"Federated": …}.',
            )
