"""iam:SimulateCustomPolicy and iam:SimulatePrincipalPolicy, answered by the engine that also guards the gate.

One result an action, which sums up those for each resource: the most restrictive decision, and the statements
behind it. Source: IAM API Reference, the pages of these operations and of EvaluationResult.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labs.aws.iam import (
    Decision,
    Outcome,
    Policy,
    PolicySet,
    Request,
    Stage,
    StatementTrace,
    explain,
    parse_policy,
)
from labs.sandbox.operations.reference import resource_forms
from labs.sandbox.served.ask import Ask, Handler, Key, invalid_input, out_of_range
from labs.sandbox.served.context_keys import keys_in, variables_in
from labs.sandbox.served.positions import Position, spans_of
from labs.sandbox.served.simulated import Source
from labs.sandbox.served.simulation_input import Simulation, custom_simulation, principal_simulation

__all__ = ["HANDLERS"]

_WORDS = {
    Outcome.ALLOWED: "allowed",
    Outcome.EXPLICITLY_DENIED: "explicitDeny",
    Outcome.IMPLICITLY_DENIED: "implicitDeny",
}
_STRICTEST_FIRST = ("explicitDeny", "implicitDeny", "allowed")
_ITEMS, _MOST_ITEMS = 100, 1000


@dataclass(frozen=True, slots=True)
class _Result:
    """The decision on one action and one resource, and where it comes from."""

    simulation: Simulation
    resource: str
    decision: Decision

    @property
    def word(self) -> str:
        return _WORDS[self.decision.outcome]

    def traced(self, stage: Stage) -> Iterator[tuple[Source, StatementTrace]]:
        """The statements of a stage that match, with the policies that they are in."""
        sources = self.simulation.at(stage)
        trace = next((each for each in self.decision.trace if each.stage is stage), None)
        for source, policy in zip(sources, trace.policies if trace and sources else (), strict=True):
            for statement in policy.statements:
                if statement.matched:
                    yield source, statement

    def says(self, stage: Stage) -> str:
        """What the policies of a stage say, alone."""
        effects = {statement.effect for _, statement in self.traced(stage)}
        return "explicitDeny" if "Deny" in effects else "allowed" if "Allow" in effects else "implicitDeny"

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The matching statements: those that deny, where the decision is an explicit deny, else all."""
        denied = self.decision.outcome is Outcome.EXPLICITLY_DENIED
        stages = (
            (Stage.IDENTITY, Stage.RESOURCE, Stage.BOUNDARY) if denied else (Stage.IDENTITY, Stage.RESOURCE)
        )
        wanted = "Deny" if denied else "Allow"
        return [
            _statement(source, statement)
            for stage in stages
            for source, statement in self.traced(stage)
            if statement.effect == wanted
        ]

    @property
    def missing(self) -> list[str]:
        """The condition keys that a statement about this action and resource needs and nobody gave."""
        request = self.decision.request
        names: dict[str, str] = {}
        for source in (*self.simulation.at(Stage.IDENTITY), *self.simulation.at(Stage.RESOURCE)):
            for statement in source.policy.statements:
                resource = statement.resource
                unknown = {
                    key.lower(): key for key in keys_in(statement) if request.value(key.lower()) is None
                }
                may_fit = resource is None or resource.matches(request) or _names_any(resource.texts, unknown)
                if unknown and may_fit and statement.action.matches(request):
                    names = {**unknown, **names}
        return list(names.values())

    @property
    def by_organizations(self) -> bool:
        """Whether the service control policies allow it."""
        scp = next((each for each in self.decision.trace if each.stage is Stage.SCP), None)
        return scp is None or scp.verdict not in ("denies", "silent")

    @property
    def details(self) -> dict[str, str] | None:
        """What each type of policy says, where caller and resource belong to two accounts."""
        if not self.decision.request.crosses_accounts or not self.by_organizations:
            return None
        details = {"IAM Policy": self.says(Stage.IDENTITY), "Resource Policy": self.says(Stage.RESOURCE)}
        if self.simulation.boundary is not None:
            details["Permissions Boundary Policy"] = self.says(Stage.BOUNDARY)
        return details

    @property
    def inside_boundary(self) -> bool:
        return self.says(Stage.BOUNDARY) == "allowed"

    def members(self) -> dict[str, Any]:
        """The result for one resource, as botocore names it."""
        members: dict[str, Any] = {
            "EvalResourceName": self.resource,
            "EvalResourceDecision": self.word,
            "MatchedStatements": self.statements,
            "MissingContextValues": self.missing,
        }
        if self.details is not None:
            members["EvalDecisionDetails"] = self.details
        if self.simulation.boundary is not None:
            members["PermissionsBoundaryDecisionDetail"] = {
                "AllowedByPermissionsBoundary": self.inside_boundary
            }
        return members


def _names_any(texts: Iterable[str], keys: Mapping[str, str]) -> bool:
    return any(key.lower() in keys for key in variables_in(texts))


def _statement(source: Source, statement: StatementTrace) -> dict[str, Any]:
    start, end = spans_of(source.text)[statement.index - 1]
    return {
        "SourcePolicyId": source.id,
        "SourcePolicyType": source.type,
        "StartPosition": _place(start),
        "EndPosition": _place(end),
    }


def _place(position: Position) -> dict[str, int]:
    return {"Line": position[0], "Column": position[1]}


# -- deciding ------------------------------------------------------------------------------------------------


def _decide(simulation: Simulation, action: str, resource: str) -> _Result:
    """The decision on one action and one resource; an action that takes no resource is asked about `*`."""
    prefix, _, name = action.partition(":")
    target = resource if resource_forms(prefix, name) else "*"
    named = target.count(":") >= 5 and target.split(":", 5)[4]
    request = Request(
        simulation.caller, action, target, None if named else simulation.owner, simulation.context
    )
    resource_policy = simulation.resource.policy if simulation.resource else None
    if resource_policy is None and not request.crosses_accounts:
        # What is not given takes nothing away: keys and roles leave it to the account who may use them.
        resource_policy = _delegating(str(simulation.caller.account))
    boundary = simulation.boundary.policy if simulation.boundary else None
    policies = PolicySet(
        identity=tuple(source.policy for source in simulation.identity),
        resource=resource_policy,
        boundary=boundary,
        scps=simulation.scps,
    )
    return _Result(simulation, resource, explain(request, policies))


def _delegating(account: str) -> Policy:
    """A resource-based policy that leaves the decision to the account."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": statement}, name="no resource policy")


def _evaluate(simulation: Simulation, action: str) -> dict[str, Any]:
    results = [_decide(simulation, action, resource) for resource in simulation.resources or ("*",)]
    word = _strictest(result.word for result in results)
    members: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": _form(action, simulation.resources),
        "EvalDecision": word,
        "MatchedStatements": _union(
            result.statements for result in results if result.word == word != "implicitDeny"
        ),
        "MissingContextValues": _union(result.missing for result in results),
    }
    if simulation.in_organization:
        allowed = all(result.by_organizations for result in results)
        members["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": allowed}
    if simulation.boundary is not None:
        inside = all(result.inside_boundary for result in results)
        members["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": inside}
    if simulation.resources:
        members["ResourceSpecificResults"] = [result.members() for result in results]
    details = _summed([result.details or {} for result in results])
    # For all resources of the caller's own account AWS leaves it out; for named ones it is there, and empty.
    if details or (simulation.resources and all(result.by_organizations for result in results)):
        members["EvalDecisionDetails"] = details
    return members


def _strictest(words: Iterable[str]) -> str:
    return min(words, key=_STRICTEST_FIRST.index)


def _union(lists: Iterable[list[Any]]) -> list[Any]:
    union: list[Any] = []
    for each in lists:
        union += [item for item in each if item not in union]
    return union


def _summed(details: Sequence[Mapping[str, str]]) -> dict[str, str]:
    types = dict.fromkeys(type for each in details for type in each)
    return {type: _strictest(each[type] for each in details if type in each) for type in types}


def _form(action: str, resources: Sequence[str]) -> str:
    """The form of the ARNs that the action takes: the one that the first resource has, else the first."""
    forms = resource_forms(*action.split(":", 1))
    if not forms:
        return "*"
    given = resources[0].split(":") if resources else []
    return max(forms, key=lambda form: _likeness(form.split(":"), given))


def _likeness(form: Sequence[str], given: Sequence[str]) -> int:
    """How many parts of an ARN fit its form."""
    return sum(
        part == told or ("$" in part and _begins_alike(part, told))
        for part, told in zip(form, given, strict=False)
    )


def _begins_alike(part: str, told: str) -> bool:
    fixed = part.partition("${")[0]
    return told.startswith(fixed) and ("/" in part) == ("/" in told)


# -- pages -------------------------------------------------------------------------------------------------


def _answer(ask: Ask, simulation: Simulation) -> Mapping[str, Any]:
    start = _start(ask.text("Marker"), len(simulation.actions))
    size = int(ask.params.get("MaxItems") or _ITEMS)
    if not 1 <= size <= _MOST_ITEMS:
        raise out_of_range(size, "maxItems", f"have value between 1 and {_MOST_ITEMS}")
    stop = start + size
    page: dict[str, Any] = {
        "EvaluationResults": [_evaluate(simulation, action) for action in simulation.actions[start:stop]],
        "IsTruncated": stop < len(simulation.actions),
    }
    if page["IsTruncated"]:
        page["Marker"] = base64.b64encode(f"results/{stop}".encode()).decode()
    return page


def _start(marker: str, results: int) -> int:
    if not marker:
        return 0
    try:
        text = base64.b64decode(marker, validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    number = text.removeprefix("results/")
    if text == number or not number.isdigit() or int(number) >= results:
        raise invalid_input(f"Invalid Marker: {marker}")
    return int(number)


def _custom(ask: Ask) -> Mapping[str, Any]:
    return _answer(ask, custom_simulation(ask))


def _principal(ask: Ask) -> Mapping[str, Any]:
    return _answer(ask, principal_simulation(ask))


HANDLERS: Mapping[Key, Handler] = {
    ("iam", "SimulateCustomPolicy"): _custom,
    ("iam", "SimulatePrincipalPolicy"): _principal,
}
