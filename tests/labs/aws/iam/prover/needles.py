"""Statements about one request and no other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labs.aws import reference
from labs.aws.iam import PrincipalKind, Request
from tests.labs.aws.iam.prover.chance import DERIVED, Document

_OPERATORS = {
    "Bool": "Bool",
    "Numeric": "NumericEquals",
    "Date": "DateEquals",
    "IPAddress": "IpAddress",
    "ARN": "ArnEquals",
}


def needle(effect: str, request: Request, keys: Iterable[str], kind: str) -> Document:
    """A statement that matches the request, and requests that differ from it in nothing that `keys` names."""
    conditions: dict[str, dict[str, Any]] = {}

    def demand(operator: str, key: str, value: Any) -> None:
        conditions.setdefault(operator, {})[key] = value

    for key in keys:
        value = request.context.get(key)
        if key.lower() in DERIVED:
            continue
        if value is None or (isinstance(value, tuple) and not any(value)):
            demand("Null", key, "true")
        elif isinstance(value, tuple):
            demand("ForAllValues:StringEquals", key, [_plain(str(each)) for each in value])
            demand("ForAnyValue:StringEquals", key, _plain(str(value[0])))
        else:
            operator = _OPERATORS.get(reference.key_type(key) or "", "StringEquals")
            demand(operator, key, _plain(str(value)) if operator == "StringEquals" else value)
    made: Document = {"Effect": effect, "Action": request.action, "Resource": _plain(request.resource)}
    if request.resource == "*":
        made["Resource"] = "*"
    if kind == "identity":
        demand("StringEquals", "aws:PrincipalArn", request.principal.keys["aws:principalarn"])
    else:
        made["Principal"] = _entry(request)
    return {**made, "Condition": conditions} if conditions else made


def _entry(request: Request) -> Any:
    principal = request.principal
    if principal.kind is PrincipalKind.ANONYMOUS:
        return "*"
    types = {PrincipalKind.SERVICE: "Service", PrincipalKind.PROVIDER: "Federated"}
    return {types.get(principal.kind, "AWS"): principal.arn}


def _plain(text: str) -> str:
    """The text for a policy, with the signs that mean more escaped."""
    return "".join(f"${{{sign}}}" if sign in "$*?" else sign for sign in text)
