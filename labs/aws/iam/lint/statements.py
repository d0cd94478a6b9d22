"""What may be wrong with a whole statement: too much, or nothing that the others do not already say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from labs.aws.iam.documents import Statement
from labs.aws.iam.elements import ActionElement, ConditionElement, ResourceElement
from labs.aws.iam.lint.findings import Finding
from labs.aws.iam.lint.forms import covers, fits
from labs.aws.iam.lint.resources import clip, everything
from labs.aws.iam.lint.subjects import Subject
from labs.aws.iam.patterns import tokenize

__all__ = ["check_reach", "check_use"]

_ROLE_FORM: Final = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"


def check_reach(subject: Subject) -> Iterator[Finding]:
    """An Allow of everything, or of handing any role to any service."""
    statement = subject.statement
    resource = statement.resource
    if not subject.allows or subject.kind in ("scp", "rcp", "endpoint", "session") or resource is None:
        return
    wide = not resource.negated and everything(resource.texts)
    if wide and not statement.action.negated and not statement.conditions:
        for path, text in subject.places(statement.action):
            if not text.replace(":", "").strip("*"):
                yield subject.finding(
                    "full-access",
                    path,
                    "It allows every action on every resource.",
                    "Name the services, the actions and the resources that are needed.",
                )
                return
    passes = [
        path
        for path, text in subject.places(statement.action)
        if not statement.action.negated and _text_covered("iam:passrole", text.lower())
    ]
    roles = [text for text in resource.texts if _any_role(text)] if not resource.negated else ["…"]
    limited = any(each.key == "iam:passedtoservice" for each in statement.conditions)
    if passes and roles and not limited and not (wide and _is_full(statement)):
        yield subject.finding(
            "pass-role-wide",
            passes[0],
            f"Whoever has this may hand any role ({clip(roles[0])}) to any service, and so do all that the "
            "role may do.",
            'Name the roles, and add "StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}.',
        )


def _is_full(statement: Statement) -> bool:
    return any(not text.replace(":", "").strip("*") for text in statement.action.texts)


def _any_role(text: str) -> bool:
    """Whether a text of Resource matches roles by a wildcard alone."""
    if not text.strip("*"):
        return True
    return fits(text, _ROLE_FORM, variables=True) and text.split(":", 5)[-1] in ("*", "role/*", "role*")


def check_use(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Statements that another one covers: they say it again, or what they allow is always denied."""
    for subject in subjects:
        found = next(filter(None, (_use(subject, other) for other in subjects if other is not subject)), None)
        if found is not None:
            yield found


def _use(subject: Subject, other: Subject) -> Finding | None:
    inner, outer = subject.statement, other.statement
    if not _covered(inner, outer):
        return None
    verb = "allows" if other.allows else "denies"
    if inner.effect == outer.effect:
        if outer.index > inner.index and _covered(outer, inner):
            return None  # twins: the second is the one too many
        return subject.finding(
            "shadowed",
            subject.path,
            f"Statement {outer.label} already {verb} all that this one does.",
            "Remove one of them, or narrow the wider one.",
        )
    if not subject.allows:
        return None
    return subject.finding(
        "denied-allow",
        subject.path,
        f"It allows nothing: statement {outer.label} {verb} all of it, and a Deny wins.",
        "Narrow the Deny, or remove this statement.",
    )


def _covered(inner: Statement, outer: Statement) -> bool:
    """Whether every request that the inner statement matches is matched by the outer one too.

    Told by the texts alone, so the answer may be no where it could be yes, never the other way round.
    """
    return (
        _principals_covered(inner, outer)
        and _element_covered(inner.action, outer.action, fold=True)
        and _element_covered(inner.resource, outer.resource, fold=False)
        and set(map(_condition, outer.conditions)) <= set(map(_condition, inner.conditions))
    )


def _principals_covered(inner: Statement, outer: Statement) -> bool:
    if inner.principal is None or outer.principal is None:
        return inner.principal is outer.principal
    if inner.principal.negated or outer.principal.negated:
        return inner.principal.negated is outer.principal.negated and set(inner.principal.entries) == set(
            outer.principal.entries
        )
    everyone = any(entry.text == "*" and entry.type == "AWS" for entry in outer.principal.entries)
    return everyone or set(inner.principal.entries) <= set(outer.principal.entries)


def _element_covered(
    inner: ActionElement | ResourceElement | None,
    outer: ActionElement | ResourceElement | None,
    *,
    fold: bool,
) -> bool:
    if inner is None or outer is None:
        return inner is outer
    if not outer.negated and everything(tuple(text.replace("*:*", "*") for text in outer.texts)):
        return True
    inside, outside = (
        [text.lower() if fold else text for text in element.texts] for element in (inner, outer)
    )
    if inner.negated or outer.negated:
        return inner.negated is outer.negated and set(inside) == set(outside)
    return all(any(_text_covered(each, text) for text in outside) for each in inside)


@lru_cache(maxsize=16_384)
def _text_covered(inner: str, outer: str) -> bool:
    return covers(tokenize(outer, variables=True), tokenize(inner, variables=True))


def _condition(element: ConditionElement) -> tuple[str, str, frozenset[str]]:
    return element.written, element.key, frozenset(element.texts)
