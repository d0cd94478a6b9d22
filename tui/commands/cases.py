"""Questions to the policy evaluator, from options, files and JSON."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.aws.iam import (
    Policy,
    PolicySet,
    Principal,
    Request,
    decision_to_json,
    evaluate,
    explain,
    parse_policy,
    policies_from_json,
    request_from_json,
)
from labs.aws.iam.grammar import PolicyType
from labs.aws.iam.reference import is_multivalued
from labs.errors import InputError, PolicyError
from tui.commands.lines import read_text

__all__ = ["KnownPolicies", "Question", "case_answerer"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as options put it: texts and files that were not read yet."""

    principal: str
    action: str | None
    resource: str | None
    resource_account: str | None = None
    context: tuple[str, ...] = ()
    identity: tuple[Path, ...] = ()
    resource_policy: Path | None = None
    boundary: Path | None = None
    session: Path | None = None
    scps: tuple[Path, ...] = ()
    rcps: tuple[Path, ...] = ()
    endpoint: Path | None = None
    management: str | None = None

    def read(self) -> tuple[Request, PolicySet]:
        """The request and the policies.

        Raises:
            InputError: the action or the resource is missing, or a file or a condition key cannot be read.
            PolicyError: a policy is malformed.
        """
        if self.action is None or self.resource is None:
            missing = "--action" if self.action is None else "--resource"
            raise InputError(
                "The question is not complete",
                f"{missing} is missing.",
                "skylab explain --policy FILE --action s3:GetObject --resource arn:aws:s3:::bucket/key",
            )
        request = Request(
            Principal.parse(self.principal),
            self.action,
            self.resource,
            self.resource_account,
            condition_keys(self.context),
        )
        policies = PolicySet(
            identity=tuple(load_policy(file, "identity") for file in self.identity),
            resource=load_policy(self.resource_policy, "resource") if self.resource_policy else None,
            boundary=load_policy(self.boundary, "identity") if self.boundary else None,
            session=load_policy(self.session, "session") if self.session else None,
            scps=tuple((load_policy(file, "identity"),) for file in self.scps),
            rcps=tuple((load_policy(file, None),) for file in self.rcps),
            endpoint=load_policy(self.endpoint, "resource") if self.endpoint else None,
            management=self.management,
        )
        return request, policies


def condition_keys(pairs: Iterable[str]) -> dict[str, str | tuple[str, ...]]:
    """Condition keys from texts such as `aws:SourceIp=10.0.0.1`.

    One that comes again has several values; so has one that AWS defines as multivalued, such as aws:TagKeys,
    even if it comes once.
    """
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise InputError(
                "A condition key is not written as KEY=VALUE",
                f"It is {pair!r}.",
                "For example: --context aws:SourceIp=10.0.0.1",
            )
        found[key] = (*found.get(key, ()), value)
    return {
        key: values if len(values) > 1 or is_multivalued(key) else values[0] for key, values in found.items()
    }


def load_policy(file: Path, type: PolicyType | None) -> Policy:
    """The policy in a file, named after it."""
    try:
        return parse_policy(read_text(file), name=file.name, type=type)
    except PolicyError as error:
        raise PolicyError(error.title, f"{file}: {error.detail}", error.hint, path=error.path) from None


def case_answerer(*, trace: bool) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What answers questions in the form of `skylab explain --jsonl`; policies that come again it knows."""
    decide = explain if trace else evaluate
    known = KnownPolicies()

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        policies = known.of(asked)  # first: it is what notices a misspelt key
        return decision_to_json(decide(request_from_json(asked), policies))

    return answer


class KnownPolicies:
    """The policies of cases that came before, by what they say: as many as `most`, then it starts afresh."""

    def __init__(self, most: int = 1_000, largest: int = 100_000) -> None:
        """`largest` is the number of bytes beyond which policies are not kept."""
        self._most = most
        self._largest = largest
        self._sets: dict[bytes, PolicySet] = {}

    def of(self, case: dict[str, Any]) -> PolicySet:
        """The policies of a case.

        Raises:
            InputError: a part is of the wrong kind, or unknown.
            PolicyError: a policy is malformed.
        """
        beside = {key: value for key, value in case.items() if key != "id" and key != "request"}
        try:
            # The quickest key that tells 1 from true and "1"; version 2 writes equal values alike.
            content = marshal.dumps(beside, 2)
        except ValueError:  # nested too deeply to be policies
            return policies_from_json(beside)
        found = self._sets.get(content)
        if found is None:
            found = policies_from_json(beside)
            if len(self._sets) >= self._most:
                self._sets.clear()
            if len(content) <= self._largest:
                self._sets[content] = found
        return found
