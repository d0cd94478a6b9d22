"""Decisions, and the questions behind them, as JSON: the forms that `skylab explain` reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from labs.aws.iam.documents import Policy
from labs.aws.iam.evaluation import Decision, PolicySet
from labs.aws.iam.grammar import PolicyType, parse_policy
from labs.aws.iam.json_text import Json
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.requests import Given, Request
from labs.aws.iam.traces import StageTrace
from labs.errors import InputError

__all__ = ["case_from_json", "case_to_json", "decision_to_json"]

_REQUEST_KEYS: Final = ("principal", "action", "resource", "resourceAccount", "context", "sessionIssuer")
_CASE_KEYS: Final = (
    "id",
    "request",
    "identityPolicies",
    "resourcePolicy",
    "boundary",
    "sessionPolicy",
    "scps",
    "rcps",
    "endpointPolicy",
    "names",
)
_LONGEST: Final = 16_384


def case_from_json(case: Mapping[str, Json]) -> tuple[Request, PolicySet]:
    """Read a question in the form that `skylab explain --jsonl` takes.

    Two keys go beyond it: `names`, parallel to the policies, holds what explanations call them;
    `request.sessionIssuer` is the ARN of the role (with its path) or the user behind a session.

    Raises:
        InputError: a part is missing or of the wrong kind.
        PolicyError: a policy is malformed; its name says which.
    """
    _only(case, _CASE_KEYS, "the case")
    names = _object(case.get("names", {}), "names")
    read = _Reader(case, names)
    policies = PolicySet(
        identity=read.several("identityPolicies", "identity"),
        resource=read.one("resourcePolicy", "resource"),
        boundary=read.one("boundary", "identity"),
        session=read.one("sessionPolicy", "identity"),
        scps=read.levels("scps", "identity"),
        rcps=read.levels("rcps", None),
        endpoint=read.one("endpointPolicy", "resource"),
    )
    return _request(case.get("request")), policies


def case_to_json(request: Request, policies: PolicySet) -> dict[str, Json]:
    """The question as JSON; `case_from_json` reads it back."""
    asked: dict[str, Json] = {
        "principal": request.principal.arn,
        "action": request.action,
        "resource": request.resource,
    }
    if request.resource_account is not None:
        asked["resourceAccount"] = request.resource_account
    if request.principal.issuer not in (None, request.principal.arn):
        asked["sessionIssuer"] = request.principal.issuer
    if request.context:
        asked["context"] = {
            key: value if isinstance(value, (str, bool, int, float)) else list(value)
            for key, value in request.context.items()
        }
    case: dict[str, Json] = {"request": asked}
    names: dict[str, Json] = {}
    if policies.identity:
        case["identityPolicies"] = [_document(each) for each in policies.identity]
        names["identityPolicies"] = [each.name for each in policies.identity]
    for key, policy in (
        ("resourcePolicy", policies.resource),
        ("boundary", policies.boundary),
        ("sessionPolicy", policies.session),
        ("endpointPolicy", policies.endpoint),
    ):
        if policy is not None:
            case[key] = _document(policy)
            names[key] = policy.name
    for key, levels in (("scps", policies.scps), ("rcps", policies.rcps)):
        if levels:
            case[key] = [[_document(each) for each in level] for level in levels]
            names[key] = [[each.name for each in level] for level in levels]
    if names:
        case["names"] = names
    return case


def decision_to_json(decision: Decision) -> dict[str, Json]:
    """The answer in the form that `skylab explain` writes, with the trace when the decision has one."""
    answer: dict[str, Json] = {
        "decision": decision.outcome.value,
        "reason": decision.reason,
        "stage": decision.stage.value if decision.stage else None,
        "policy": decision.policy,
        "statement": decision.statement,
    }
    if decision.trace:
        answer["trace"] = [_stage(each) for each in decision.trace]
    return answer


def _stage(trace: StageTrace) -> Json:
    return {
        "stage": trace.stage.value,
        "verdict": trace.verdict,
        "note": trace.note,
        "policies": [
            {
                "name": policy.name,
                "statements": [
                    {
                        "index": statement.index,
                        "sid": statement.sid,
                        "effect": statement.effect,
                        "matched": statement.matched,
                        "elements": [
                            {
                                "element": element.element,
                                "label": element.label,
                                "matched": element.matched,
                                "expected": list(element.expected),
                                "actual": list(element.actual),
                                "why": element.why,
                            }
                            for element in statement.elements
                        ],
                    }
                    for statement in policy.statements
                ],
            }
            for policy in trace.policies
        ],
    }


def _document(policy: Policy) -> Json:
    return dict(policy.document)


# Reading


class _Reader:
    """The policies of a case, each with the name that `names` gives it, else the place where it stands."""

    def __init__(self, case: Mapping[str, Json], names: Mapping[str, Json]) -> None:
        self.case = case
        self.names = names

    def one(self, key: str, type: PolicyType | None) -> Policy | None:
        if self.case.get(key) is None:
            return None
        return _policy(self.case[key], self.names.get(key), key, type)

    def several(self, key: str, type: PolicyType | None) -> tuple[Policy, ...]:
        return self._level(self.case.get(key), self.names.get(key), key, type)

    def levels(self, key: str, type: PolicyType | None) -> tuple[tuple[Policy, ...], ...]:
        levels, names = self.case.get(key), self.names.get(key)
        return tuple(
            self._level(level, _nth(names, place), f"{key}[{place}]", type)
            for place, level in enumerate(_list(levels, key))
        )

    @staticmethod
    def _level(policies: Json, names: Json, key: str, type: PolicyType | None) -> tuple[Policy, ...]:
        return tuple(
            _policy(each, _nth(names, place), f"{key}[{place}]", type)
            for place, each in enumerate(_list(policies, key))
        )


def _policy(document: Json, name: Json, place: str, type: PolicyType | None) -> Policy:
    if not isinstance(document, Mapping):
        _refuse(
            f"{place} is not a policy", "A policy is a JSON object.", "Give the document itself, not a text."
        )
    return parse_policy(document, name if isinstance(name, str) else place, type=type)


def _nth(names: Json, place: int) -> Json:
    return names[place] if isinstance(names, list) and place < len(names) else None


def _request(written: Json) -> Request:
    request = _object(written, "request")
    _only(request, _REQUEST_KEYS, "request")
    principal = Principal.parse(_text(request, "principal"))
    issuer = request.get("sessionIssuer")
    if isinstance(issuer, str):
        principal = _issued(principal, issuer)
    account = request.get("resourceAccount")
    if account is not None and not isinstance(account, str):
        _refuse("resourceAccount is not a text", "An account id is twelve digits in quotes.", "Quote it.")
    return Request(
        principal,
        _text(request, "action"),
        _text(request, "resource"),
        account,
        _context(request.get("context")),
    )


def _issued(principal: Principal, issuer: str) -> Principal:
    session = principal.session_name
    if session is None:
        return principal
    make = Principal.session if principal.kind is PrincipalKind.SESSION else Principal.federated
    return make(issuer, session)


def _context(written: Json) -> dict[str, Given]:
    context: dict[str, Given] = {}
    for key, value in _object({} if written is None else written, "request.context").items():
        values = value if isinstance(value, list) else [value]
        plain = [each for each in values if isinstance(each, (str, bool, int, float))]
        if len(plain) < len(values) or any(
            len(str(each)) > _LONGEST for each in plain if isinstance(each, str)
        ):
            _refuse(
                f"The context key {key[:80]} has a value that cannot be compared",
                "A value is a text, a number or a boolean of ordinary length; a list holds several.",
                "Leave the key out to say that the request does not have it.",
            )
        context[key] = tuple(plain) if isinstance(value, list) else plain[0]
    return context


def _text(request: Mapping[str, Json], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        _refuse(f"The request has no {key}", f'"{key}" must be a text.', f'Add "{key}": "…" to "request".')
    if len(value) > _LONGEST:
        _refuse(
            f"The request's {key} is too long", f"It has {len(value):,} characters.", "No ARN is that long."
        )
    return value


def _object(value: Json, name: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        _refuse(
            f"{name} is not a JSON object", "It is missing, or a value of another kind.", 'Write {"…": …}.'
        )
    return value


def _list(value: Json, name: str) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        _refuse(f"{name} is not a list", "Several policies may stand here.", "Put [ ] around it.")
    return value


def _only(written: Mapping[str, Json], names: tuple[str, ...], place: str) -> None:
    for key in written:
        if key not in names:
            _refuse(
                f"Unknown key in {place}", f"It is {str(key)[:80]!r}.", f"Here may stand: {', '.join(names)}."
            )


def _refuse(title: str, detail: str, hint: str) -> NoReturn:
    raise InputError(title, detail, hint)
