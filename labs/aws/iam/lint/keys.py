"""What may be wrong with a Condition: the key, the operator for its type, the set operator, the values."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from labs.aws.iam.elements import ConditionElement
from labs.aws.iam.lint.actions import actions_of
from labs.aws.iam.lint.findings import Finding
from labs.aws.iam.lint.resources import clip, variables_in
from labs.aws.iam.lint.subjects import Subject
from labs.aws.iam.operators import date, number
from labs.aws.reference import GLOBAL_KEYS, Action, is_multivalued, key_type, service

__all__ = ["check_keys", "check_sets", "check_values"]

# Families of operators that can compare each type of key. The Arn operators and String ones both read ARNs.
_FAMILIES: Final = {
    "String": ("string", "arn"),
    "ARN": ("arn", "string"),
    "Bool": ("bool", "string"),
    "Date": ("date", "numeric"),
    "IPAddress": ("address",),
    "Numeric": ("numeric",),
    "Binary": ("binary",),
}
_OPERATOR_OF: Final = {
    "ARN": "ArnLike",
    "Bool": "Bool",
    "Date": "DateLessThan",
    "IPAddress": "IpAddress",
    "Numeric": "NumericLessThan",
}
_FEDERATED: Final = ("saml", "graph.facebook.com", "www.amazon.com")


def check_keys(subject: Subject) -> Iterator[Finding]:
    """Keys that AWS does not have, or that requests for the statement's actions do not carry."""
    for condition in subject.statement.conditions:
        prefix = condition.key.partition(":")[0]
        if "." in prefix or prefix in _FEDERATED:  # the claims of an identity provider
            continue
        if key_type(condition.key) is None and not any(
            action.has_key(condition.key) for _, action in subject.named
        ):
            yield _unknown(subject, condition, prefix)
        elif _needs_the_key(condition):
            yield from _not_carried(subject, condition)


def _unknown(subject: Subject, condition: ConditionElement, prefix: str) -> Finding:
    known = service(prefix)
    names = {each.lower(): each for each in GLOBAL_KEYS if each.startswith("aws:")}
    if prefix != "aws" and known is not None:
        names = dict(known.spelled)
    near = get_close_matches(condition.key[:120], names, n=1, cutoff=0.7)
    return subject.finding(
        "unknown-key",
        subject.at_condition(condition),
        f"AWS has no condition key {clip(condition.key_written)}, so no request carries it.",
        f"Did you mean {names[near[0]]}?" if near else "Look the key up in the reference of the service.",
    )


def _needs_the_key(condition: ConditionElement) -> bool:
    """Whether the condition fails for every request that does not carry its key."""
    operator = condition.spelling.operator
    return not (
        condition.spelling.if_exists
        or operator.negated
        or operator.family == "null"
        or condition.spelling.quantifier == "ForAllValues"
    )


def _not_carried(subject: Subject, condition: ConditionElement) -> Iterator[Finding]:
    if subject.statement.action.negated:
        return
    lacking = [action.name for _, action in subject.named if not action.has_key(condition.key)]
    for _, text in subject.places(subject.statement.action):
        actions = _matched_by_wildcard(text)
        if actions and not any(action.has_key(condition.key) for action in actions):
            lacking.append(text)
    if lacking:
        verb = "allowed" if subject.allows else "denied"
        shown = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
        yield subject.finding(
            "key-not-of-action",
            subject.at_condition(condition),
            f"Requests for {shown} do not carry {clip(condition.key_written)}, so the condition fails "
            f"and they are not {verb} here.",
            "Give the actions that carry the key a statement of their own, or use …IfExists.",
        )


def _matched_by_wildcard(text: str) -> tuple[Action, ...]:
    known = service(text.lower().partition(":")[0])
    return tuple(actions_of(known, text)) if known and ("*" in text or "?" in text) else ()


def check_sets(subject: Subject) -> Iterator[Finding]:
    """Set operators: missing on a multivalued key, useless on another, open where the key is absent."""
    conditions = subject.statement.conditions
    guarded = {
        each.key
        for each in conditions
        if each.spelling.operator.family == "null" and "false" in (text.lower() for text in each.texts)
    }
    for condition in conditions:
        quantifier = condition.spelling.quantifier
        if condition.spelling.operator.family == "null" or key_type(condition.key) is None:
            continue
        path, key = subject.at_condition(condition), clip(condition.key_written)
        if is_multivalued(condition.key):
            if quantifier is None:
                yield subject.finding(
                    "set-operator-missing",
                    path,
                    f"{key} can have several values, which {condition.written} alone does not compare.",
                    f"Write ForAnyValue:{condition.written} (one value is enough) or "
                    f"ForAllValues:{condition.written} (every value must fit).",
                )
            elif quantifier == "ForAllValues" and subject.allows and condition.key not in guarded:
                yield subject.finding(
                    "for-all-values-open",
                    path,
                    f"ForAllValues also holds for a request that has no {key} at all.",
                    f'Add "Null": {{"{key}": "false"}} beside it, unless that is what you mean.',
                )
        elif quantifier is not None:
            yield subject.finding(
                "set-operator-single",
                path,
                f"{key} has one value at most, so {quantifier} adds nothing but surprises"
                + (": it holds where the key is absent." if quantifier == "ForAllValues" else "."),
                f"Write {condition.written.partition(':')[2]}.",
            )


def check_values(subject: Subject) -> Iterator[Finding]:
    """Operators and values that cannot be compared with the key, and conditions that never hold."""
    for condition in subject.statement.conditions:
        yield from _operator(subject, condition)
        yield from _values(subject, condition)
    yield from _contradictions(subject)


def _operator(subject: Subject, condition: ConditionElement) -> Iterator[Finding]:
    family = condition.spelling.operator.family
    type = (key_type(condition.key) or "").removeprefix("ArrayOf")
    if family == "null" or type not in _FAMILIES or family in _FAMILIES[type]:
        return
    wanted = _OPERATOR_OF.get(type, "StringEquals")
    yield subject.finding(
        "operator-type",
        subject.at_condition(condition),
        f"{clip(condition.key_written)} is of the type {type}, which {condition.written} does not compare.",
        f"Use an operator such as {wanted}.",
    )


_READ: Final[dict[str, tuple[Callable[[str], object], str]]] = {
    "numeric": (number, "a number such as 10"),
    "date": (date, "a date such as 2026-01-31T12:00:00Z"),
    "bool": (lambda text: text.lower() in ("true", "false") or None, "true or false"),
    "null": (lambda text: text.lower() in ("true", "false") or None, "true or false"),
    "address": (lambda text: _network(text), "an address or a range such as 203.0.113.0/24"),
    "arn": (lambda text: text == "*" or text.count(":") >= 5 or "${" in text or None, "an ARN of six parts"),
}


def _network(text: str) -> object:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _values(subject: Subject, condition: ConditionElement) -> Iterator[Finding]:
    operator = condition.spelling.operator
    path = subject.at_condition(condition)
    read, what = _READ.get(operator.family, (None, ""))
    for text in condition.texts:
        variables = variables_in(text)
        if variables and operator.family not in ("string", "arn"):
            yield subject.finding(
                "variable-no-effect",
                path,
                f"{condition.written} takes no variable: ${{{variables[0]}}} is plain text here.",
                "Variables stand in values of the String and Arn operators.",
            )
        elif variables and not subject.variables:
            yield subject.finding(
                "variable-old-version",
                path,
                f'Without "Version": "2012-10-17" the ${{{variables[0]}}} here is plain text.',
                'Add "Version": "2012-10-17" to the policy.',
            )
        elif read is not None and read(text) is None:
            yield subject.finding(
                "value-unreadable",
                path,
                f"{clip(text) or 'An empty text'} is not {what.split(' such as')[0]}, so it matches nothing.",
                f"Write {what}.",
            )
        elif operator.name in ("StringEquals", "StringNotEquals") and ("*" in text or "?" in text):
            yield subject.finding(
                "wildcard-without-like",
                path,
                f"{condition.written} takes no wildcard: {clip(text)} is compared letter by letter.",
                f"Use {operator.name.replace('Equals', 'Like')}, or write the whole value.",
            )


def _contradictions(subject: Subject) -> Iterator[Finding]:
    """Conditions that no request can meet together."""
    conditions = subject.statement.conditions
    absent = {
        each.key
        for each in conditions
        if each.spelling.operator.family == "null" and {text.lower() for text in each.texts} == {"true"}
    }
    refused = {
        each.key: set(each.texts)
        for each in conditions
        if each.spelling.operator.name == "StringNotEquals" and each.spelling.quantifier is None
    }
    for each in conditions:
        why = ""
        if not _needs_the_key(each):
            continue
        if not each.texts:
            why = "it lists no value"
        elif each.key in absent:
            why = f"Null asks that {clip(each.key_written)} be absent"
        elif (
            each.spelling.operator.name == "StringEquals"
            and each.spelling.quantifier is None
            and set(each.texts) <= refused.get(each.key, set())
        ):
            why = "StringNotEquals refuses the same values"
        if why:
            yield subject.finding(
                "condition-never",
                subject.at_condition(each),
                f"The statement never matches: {clip(each.label)} cannot hold, for {why}.",
                "Split it into two statements, or remove one of the conditions.",
            )
    yield from _empty_windows(subject)


def _empty_windows(subject: Subject) -> Iterator[Finding]:
    """Numbers or moments that would have to be below one limit and above another that is no lower."""
    below: dict[str, Decimal] = {}
    above: dict[str, tuple[Decimal, ConditionElement]] = {}
    for each in filter(_needs_the_key, subject.statement.conditions):
        name, family = each.spelling.operator.name, each.spelling.operator.family
        read = {"numeric": number, "date": date}.get(family)
        limits = [limit for text in each.texts if read is not None and (limit := read(text)) is not None]
        if limits and name.endswith(("LessThan", "LessThanEquals")):
            below[each.key] = max(limits)
        elif limits and name.endswith(("GreaterThan", "GreaterThanEquals")):
            above[each.key] = (min(limits), each)
    for key, (limit, each) in above.items():
        if key in below and below[key] < limit:
            yield subject.finding(
                "condition-never",
                subject.at_condition(each),
                f"The statement never matches: nothing is {each.spelling.operator.phrase} "
                f"{clip(each.texts[0])} and below the other limit of {clip(each.key_written)}.",
                "Exchange the limits, or use two statements.",
            )
