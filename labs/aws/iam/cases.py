"""Decisions, and the questions behind them, as JSON: the forms that `skylab explain` reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from labs.aws.iam.documents import Policy
from labs.aws.iam.evaluation import Decision, PolicySet
from labs.aws.iam.grammar import PolicyType, parse_policy
from labs.aws.iam.json_text import Json, show
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.requests import Given, Request
from labs.aws.iam.traces import StageTrace
from labs.errors import InputError, PolicyError

__all__ = [
    "case_from_json",
    "case_to_json",
    "checked_action",
    "decision_to_json",
    "policies_from_json",
    "request_from_json",
]

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
    "managementAccount",
    "names",
)
_LONGEST: Final = 16_384
_LARGEST: Final = 10**100


def case_from_json(case: Mapping[str, Json]) -> tuple[Request, PolicySet]:
    """Read a question in the form that `skylab explain --jsonl` takes.

    Some keys go beyond it: `endpointPolicy`, of the VPC endpoint that the request came through;
    `managementAccount`, which neither `scps` nor `rcps` bind; `names`, parallel to the policies, holds what
    explanations call them; `request.sessionIssuer` is the ARN of the role (with its path) or the user behind
    a session.

    Raises:
        InputError: a part is missing or of the wrong kind.
        PolicyError: a policy is malformed; the detail starts with its place in the case.
    """
    policies = policies_from_json(case)  # first: it is what notices a misspelt key
    return request_from_json(case), policies


def policies_from_json(case: Mapping[str, Json]) -> PolicySet:
    """The policies of a case, whose `id` and `request` may be absent.

    Raises:
        InputError: a part is of the wrong kind, or unknown.
        PolicyError: a policy is malformed; the detail starts with its place in the case.
    """
    _only(case, _CASE_KEYS, "the case")
    reader = _Reader(case, _object(case.get("names", {}), "names"))
    return PolicySet(
        identity=reader.several("identityPolicies", "identity"),
        resource=reader.one("resourcePolicy", "resource"),
        boundary=reader.one("boundary", "identity"),
        session=reader.one("sessionPolicy", "session"),
        scps=reader.levels("scps", "identity"),
        rcps=reader.levels("rcps", None),
        endpoint=reader.one("endpointPolicy", "resource"),
        management=_account(case, "managementAccount"),
    )


def request_from_json(case: Mapping[str, Json]) -> Request:
    """The request of a case.

    Raises:
        InputError: a part is missing, of the wrong kind, or unknown.
    """
    request = _object(case.get("request"), "request")
    _only(request, _REQUEST_KEYS, "request")
    principal = Principal.parse(_text(request, "principal"))
    if request.get("sessionIssuer") is not None:
        principal = _issued(principal, _text(request, "sessionIssuer"))
    return Request(
        principal,
        checked_action(_text(request, "action")),
        _text(request, "resource"),
        _account(request, "resourceAccount"),
        _context(request.get("context")),
    )


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
    if policies.management is not None:
        case["managementAccount"] = policies.management
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
        return self._policy(self.case[key], self.names.get(key), key, type)

    def several(self, key: str, type: PolicyType | None) -> tuple[Policy, ...]:
        return self._level(self.case.get(key), self.names.get(key), key, type)

    def levels(self, key: str, type: PolicyType | None) -> tuple[tuple[Policy, ...], ...]:
        levels, names = self.case.get(key), self.names.get(key)
        if levels is None:
            return ()
        return tuple(
            self._level(level, _nth(names, place), f"{key}[{place}]", type)
            for place, level in enumerate(_list(levels, key))
        )

    def _level(self, policies: Json, names: Json, key: str, type: PolicyType | None) -> tuple[Policy, ...]:
        return tuple(
            self._policy(each, _nth(names, place), f"{key}[{place}]", type)
            for place, each in enumerate(_list(policies, key))
        )

    def _policy(self, document: Json, name: Json, place: str, type: PolicyType | None) -> Policy:
        if not isinstance(document, Mapping):
            _refuse(
                f"{place} is not a policy",
                "A policy is a JSON object.",
                "Give the document itself, not a text.",
            )
        try:
            return parse_policy(document, name if isinstance(name, str) else place, type=type)
        except PolicyError as fault:
            raise PolicyError(fault.title, f"{place}: {fault.detail}", fault.hint, path=fault.path) from None


def _nth(names: Json, place: int) -> Json:
    return names[place] if isinstance(names, list) and place < len(names) else None


def checked_action(action: str) -> str:
    """The action that a request is for.

    Raises:
        InputError: it is not a service, a colon and a name.
    """
    service, colon, name = action.partition(":")
    if not (service and colon and name):
        _refuse(
            "The request's action is not written as AWS writes it",
            f"It is {show(action)}.",
            "An action is a service, a colon and a name, as in s3:GetObject.",
        )
    return action


def _account(written: Mapping[str, Json], key: str) -> str | None:
    account = written.get(key)
    if account is not None and not isinstance(account, str):
        _refuse(f"{key} is not a text", "An account id is twelve digits in quotes.", "Quote it.")
    return account


def _issued(principal: Principal, issuer: str) -> Principal:
    session = principal.session_name
    issued = None
    if session is not None:
        make = Principal.session if principal.kind is PrincipalKind.SESSION else Principal.federated
        issued = make(issuer, session)
    if issued is None or issued.arn != principal.arn:
        _refuse(
            "The sessionIssuer is not who stands behind the principal",
            f"The principal is {show(principal.arn)}, the issuer {show(issuer)}.",
            "A role session names its role, a federated user session the user; others have no issuer.",
        )
    return issued


def _context(written: Json) -> dict[str, Given]:
    context: dict[str, Given] = {}
    for key, value in _object({} if written is None else written, "request.context").items():
        if isinstance(value, list):
            context[key] = tuple(_comparable(each, key) for each in value)
        else:
            context[key] = _comparable(value, key)
    if len({key.lower() for key in context}) < len(context):
        _refuse(
            "A context key is given twice",
            "Upper and lower case do not count in the names of condition keys.",
            "Give each key once; a list holds several values.",
        )
    return context


def _comparable(value: Json, key: str) -> str | bool | int | float:
    if isinstance(value, str):
        fits = len(value) <= _LONGEST
    elif isinstance(value, (int, float)):
        fits = -_LARGEST < value < _LARGEST
    else:
        fits = False
    if not fits or not isinstance(value, (str, int, float)):
        _refuse(
            f"The context key {key[:80]} has a value that cannot be compared",
            "A value is a text, a number or a boolean of ordinary length; a list holds several.",
            "Leave the key out to say that the request does not have it.",
        )
    return value


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
    if not isinstance(value, (dict, Mapping)):  # dict first: it is the answer, and quicker to ask
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
