"""Why an element matches a request or does not, in half a sentence that can stand alone or after "but"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.aws.iam.patterns import resource_matcher, unresolved
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.requests import ContextValue, Request

if TYPE_CHECKING:
    from labs.aws.iam.elements import (
        ActionElement,
        ConditionElement,
        Grant,
        PrincipalElement,
        ResourceElement,
    )

__all__ = ["action", "condition", "listed", "principal", "resource", "resource_phrase"]

_NOUNS = {
    ("iam", "role"): "role",
    ("iam", "user"): "user",
    ("iam", "group"): "group",
    ("iam", "policy"): "policy",
    ("iam", "instance-profile"): "instance profile",
    ("ec2", "instance"): "instance",
    ("ec2", "volume"): "volume",
    ("ec2", "subnet"): "subnet",
    ("ec2", "vpc"): "VPC",
    ("ec2", "image"): "image",
    ("ec2", "security-group"): "security group",
    ("ec2", "network-interface"): "network interface",
    ("ec2", "key-pair"): "key pair",
    ("lambda", "function"): "function",
    ("dynamodb", "table"): "table",
    ("kms", "key"): "key",
    ("rds", "db"): "database instance",
    ("logs", "log-group"): "log group",
}


def clip(text: str, width: int = 100) -> str:
    """The text, cut when it is too long for a sentence."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def listed(texts: tuple[str, ...], joint: str = "or") -> str:
    """The texts as a phrase: "a", "a or b", "a, b or 3 more"."""
    if not texts:
        return "nothing"
    shown = [clip(text) or '""' for text in texts]
    if len(shown) > 3:
        shown = [*shown[:2], f"{len(shown) - 2} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def resource_phrase(arn: str) -> str:
    """The resource with its kind: "the bucket arn:aws:s3:::b"."""
    if arn == "*":
        return "no particular resource (*)"
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return clip(arn)
    service, rest = parts[2], parts[5]
    if service == "s3":
        noun = "object" if "/" in rest else "bucket"
    elif service in ("sqs", "sns"):
        noun = "queue" if service == "sqs" else "topic"
    else:
        noun = _NOUNS.get((service, rest.replace(":", "/").split("/", 1)[0]), "resource")
    return f"the {noun} {clip(arn)}"


def principal(element: PrincipalElement, caller: Principal, grant: Grant, bounded: bool) -> str:
    """Why Principal or NotPrincipal matches the caller, or not."""
    texts = tuple(entry.text for entry in element.entries)
    if element.negated:
        if grant and element.denies and bounded:
            return "NotPrincipal with Deny matches every principal that has a permissions boundary"
        if grant and element.denies and any(entry.grant(caller) for entry in element.entries):
            needs = (
                "session, role and account"
                if caller.kind is PrincipalKind.SESSION
                else "itself and its account"
            )
            return f"NotPrincipal spares a {caller.kind.value} only when it lists {needs}"
        return f"NotPrincipal {'does not list' if grant else 'lists'} {caller.arn}"
    if not texts:
        return "it has no Principal, so it names nobody"
    if grant:
        name = ("", "the caller's account", "the role or user behind the session", "the caller")[grant]
        if any(entry.text == "*" and entry.type == "AWS" for entry in element.entries):
            name = "everyone"
        return f"it names {name}"
    for entry in element.entries:
        if entry.type == "AWS" and ("*" in entry.text or "?" in entry.text):
            return f"a Principal takes no wildcard inside an ARN, so {clip(entry.text)} names nobody"
        if ":group/" in entry.text:
            return f"a group cannot be a principal, so {clip(entry.text)} names nobody"
    return f"it names {listed(texts, 'and')}; the caller is {caller.arn}"


def action(element: ActionElement, request: Request, matched: bool) -> str:
    """Why Action or NotAction matches, or not."""
    if element.negated:
        return f"{request.action} is {'not ' if matched else ''}among the actions that NotAction sets aside"
    if matched:
        hit = next(
            text
            for text, fits in zip(element.texts, element.matchers, strict=True)
            if fits(request.action_key, request)
        )
        return f"{clip(hit)} matches {clip(request.action)}"
    return f"it names {listed(element.texts, 'and')}; the request is {clip(request.action)}"


def resource(element: ResourceElement, request: Request, matched: bool) -> str:
    """Why Resource or NotResource matches, or not."""
    asked = resource_phrase(request.resource)
    if element.negated:
        return f"{asked} is {'not ' if matched else ''}among the resources that NotResource sets aside"
    if matched:
        hit = next(
            text
            for text, fits in zip(element.texts, element.matchers, strict=True)
            if fits(request.target, request)
        )
        return f"{clip(hit)} matches {asked}"
    names = f"it names {listed(element.texts, 'and')}; the request is for {asked}"
    for text in element.texts:
        if "${" in text and not element.variables:
            return f'{names} (without "Version": "2012-10-17" a variable is plain text)'
        if element.variables and (missing := unresolved(text, request)):
            return f"{names} (the request has no {missing}, so {clip(text)} matches nothing)"
        if _differs_in_case_only(text, request):
            return f"{names} (upper and lower case count)"
    return names


def _differs_in_case_only(text: str, request: Request) -> bool:
    asked, written = request.target.lower(), text.lower()
    if "${" in text or (asked == request.target and written == text):
        return False
    return bool(resource_matcher(written, variables=False)(asked, request))


def condition(element: ConditionElement, request: Request, value: ContextValue | None, matched: bool) -> str:
    """Why a condition holds, or not."""
    spelling, key = element.spelling, element.key_written
    operator, quantifier = spelling.operator, spelling.quantifier
    values = () if value is None else value if isinstance(value, tuple) else (value,)
    absent = f"the request has no {key}" if not values else f"{key} has no value"
    if operator.family == "null":
        return f"the request has {key}" if any(values) or isinstance(value, str) else absent
    if not values or (quantifier and not any(values) and isinstance(value, tuple)):
        if spelling.if_exists:
            return f"{absent}, and …IfExists then holds"
        if quantifier:
            return f"{absent}, and {quantifier} {'then holds' if matched else 'needs a value'}"
        return f"{absent}, and a negated operator then holds" if operator.negated else absent
    if quantifier is None and isinstance(value, tuple):
        return f"{key} is multivalued, which takes ForAnyValue or ForAllValues"
    if element.variables and not matched:
        for text in element.texts:
            if missing := unresolved(text, request):
                return f"the request has no {missing}, so {clip(text)} equals nothing"
    wanted = f"{operator.phrase} {listed(element.texts)}".strip()
    if quantifier is None:
        holds = matched is not operator.negated
        return f"{key} is {clip(values[0]) or 'empty'}, which is {'' if holds else 'not '}{wanted}"
    per_value = f"{'not ' if operator.negated else ''}{wanted}"
    if quantifier == "ForAllValues":
        if matched:
            return f"every value of {key} is {per_value}"
        stray = next(each for each in values if not element.holds_for(each, request))
        return f"{clip(stray)}, a value of {key}, is {'' if operator.negated else 'not '}{wanted}"
    if matched:
        hit = next(each for each in values if element.holds_for(each, request))
        return f"{clip(hit)}, a value of {key}, is {per_value}"
    return f"no value of {key} ({listed(values, 'and')}) is {per_value}"
