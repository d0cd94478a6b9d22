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
    case_from_json,
    decision_to_json,
    evaluate,
    explain,
    parse_policy,
)
from labs.errors import InputError, PolicyError
from tui.commands.lines import read_text

__all__ = ["Question", "answer_case"]


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
            identity=tuple(map(load_policy, self.identity)),
            resource=load_policy(self.resource_policy) if self.resource_policy else None,
            boundary=load_policy(self.boundary) if self.boundary else None,
            session=load_policy(self.session) if self.session else None,
            scps=tuple((load_policy(file),) for file in self.scps),
            rcps=tuple((load_policy(file),) for file in self.rcps),
        )
        return request, policies


def condition_keys(pairs: Iterable[str]) -> dict[str, str | tuple[str, ...]]:
    """Condition keys from texts such as `aws:SourceIp=10.0.0.1`; one that comes again has several values."""
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
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def load_policy(file: Path) -> Policy:
    """The policy in a file, named after it."""
    try:
        return parse_policy(read_text(file), name=file.name)
    except PolicyError as error:
        raise PolicyError(error.title, f"{file}: {error.detail}", error.hint, path=error.path) from None


def answer_case(asked: dict[str, Any], *, trace: bool) -> dict[str, Any]:
    """The answer to a question in the form of `skylab explain --jsonl`."""
    decide = explain if trace else evaluate
    return decision_to_json(decide(*case_from_json(asked)))
