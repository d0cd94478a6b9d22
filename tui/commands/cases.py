"""Questions to the policy evaluator, from files, options and streams of JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

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
from labs.errors import InputError, PolicyError, SkylabError

__all__ = ["Question", "answer_lines", "answers", "load_json"]


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


def load_json(file: Path) -> dict[str, Any]:
    """The JSON object in a file, or on stdin when the file is `-`."""
    text = sys.stdin.read() if str(file) == "-" else read_text(file)
    return _object(text, "stdin" if str(file) == "-" else str(file))


def read_text(file: Path) -> str:
    """The text of a file.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError("A file cannot be read", f"{file}: {error.strerror}.", "Look at its name.") from None
    except UnicodeDecodeError as error:
        raise InputError(
            "A file is not text", f"{file}: byte {error.start} is not UTF-8.", "Save it as UTF-8."
        ) from None


def answer_lines(*, trace: bool) -> None:
    """Answer each line of stdin with a line on stdout, at once and in order."""
    write, flush = sys.stdout.write, sys.stdout.flush
    for answer in answers(sys.stdin.buffer, trace=trace):
        write(json.dumps(answer, separators=(",", ":")) + "\n")
        flush()


def answers(lines: Iterable[bytes], *, trace: bool = False) -> Iterator[dict[str, Any]]:
    """An answer to each question; to one that cannot be read, what is wrong with it."""
    decide = explain if trace else evaluate
    for line in lines:
        if not line.strip():
            continue
        asked: dict[str, Any] = {}
        try:
            asked = _object(line, "the line")
            yield {"id": asked.get("id"), **decision_to_json(decide(*case_from_json(asked)))}
        except SkylabError as error:
            yield {"id": asked.get("id"), "error": error.as_json()}


def _object(text: str | bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(
            "This is not JSON", f"In {where}: {reason}.", "Each question is one JSON object."
        ) from None
    if not isinstance(value, dict):
        raise InputError(
            "This is no JSON object",
            f"In {where} stands a value of type {type(value).__name__}.",
            'A question is {"request": {…}, "identityPolicies": […], …}.',
        )
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
