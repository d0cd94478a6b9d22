"""Questions to the policy evaluator, from options, files and JSON."""

from __future__ import annotations

from collections.abc import Iterable
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
from labs.aws.iam.cases import checked_action
from labs.aws.iam.grammar import PolicyType
from labs.aws.reference import is_multivalued
from labs.errors import InputError, PolicyError
from tui.commands.lines import read_object, read_text, read_up_to

__all__ = ["CaseStream", "Question"]


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
            checked_action(self.action),
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


class CaseStream:
    """Questions in the form of `skylab explain --jsonl`, which often differ in the request only.

    `read` takes a line apart: what follows the request (the policies, as a rule) is looked up by its text,
    and read and compiled when it is new. As many as `most` are kept, then it starts afresh.
    """

    def __init__(self, *, trace: bool, most: int = 1_000, largest: int = 100_000) -> None:
        """`largest` is the number of characters beyond which policies are not kept."""
        self._decide = explain if trace else evaluate
        self._most = most
        self._largest = largest
        self._seen: dict[str, Seen] = {}
        self._current: Seen | None = None

    def read(self, line: bytes, where: str) -> dict[str, Any]:
        """The question in a line.

        Raises:
            InputError: the line holds no JSON object.
        """
        self._current = None
        try:
            parts = read_up_to(line.decode(), "request")
        except UnicodeDecodeError:
            parts = None
        if parts is None or not parts[0].keys() <= {"id", "request"}:
            return read_object(line, where)
        begun, rest = parts
        seen = self._seen.get(rest)
        if seen is None:
            seen = Seen(read_object(f"{{{rest}", where))
            if not seen.members or not seen.members.keys().isdisjoint(begun):
                return read_object(line, where)
            if len(self._seen) >= self._most:
                self._seen.clear()
            if len(rest) <= self._largest:
                self._seen[rest] = seen
        self._current = seen
        return {**begun, **seen.members}

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to the question that `read` gave last.

        Raises:
            InputError: a part is missing, unknown or of the wrong kind.
            PolicyError: a policy is malformed.
        """
        seen = self._current or Seen(asked)
        if seen.policies is None:
            seen.policies = policies_from_json(asked)
        return decision_to_json(self._decide(request_from_json(asked), seen.policies))


@dataclass(slots=True)
class Seen:
    """Members of a question that may come again, and the policies in them once they are compiled."""

    members: dict[str, Any]
    policies: PolicySet | None = None
