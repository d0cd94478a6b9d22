"""ARNs and policy documents under examination: the answers of `skylab arn` and `skylab lint`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labs.aws.dissection import Dissection, dissect
from labs.aws.iam.lint import Finding, Severity
from labs.aws.iam.lint import lint as lint_document
from labs.errors import InputError
from tui.commands.lines import read_text

__all__ = ["Linted", "answer_arn", "answer_lint", "arn_as_json", "linted"]


def arn_as_json(dissection: Dissection) -> dict[str, Any]:
    """A dissection in the form that `skylab arn --json` writes."""
    return {"ok": dissection.ok, **asdict(dissection)}


def answer_arn(asked: dict[str, Any]) -> dict[str, Any]:
    """The answer to a line of `skylab arn --jsonl`: {"id", "arn"}."""
    text = asked.get("arn")
    if not isinstance(text, str):
        raise InputError("The line has no ARN", '"arn" must be a text.', 'Write {"id": …, "arn": "arn:…"}.')
    return arn_as_json(dissect(text))


@dataclass(frozen=True, slots=True)
class Linted:
    """A document, by the name of its file, and what was found in it."""

    file: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found but suggestions."""
        return all(each.severity is Severity.SUGGESTION for each in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The document's part of what `skylab lint --json` writes."""
        return {"file": self.file, "ok": self.ok, "findings": [each.as_json() for each in self.findings]}


def linted(files: Sequence[Path], kind: str | None) -> list[Linted]:
    """Each of the files, examined; `-` is stdin.

    Raises:
        InputError: no file is given, one cannot be read, or there is no such kind of policy.
    """
    if not files:
        raise InputError("No policy is given", "There is nothing to look at.", "skylab lint policy.json")
    return [
        Linted("stdin", lint_document(sys.stdin.read(), kind))
        if str(file) == "-"
        else Linted(str(file), lint_document(read_text(file), kind))
        for file in files
    ]


def answer_lint(asked: dict[str, Any]) -> dict[str, Any]:
    """The answer to a line of `skylab lint --jsonl`: {"id", "policy": document or text, "as": kind}."""
    policy, kind = asked.get("policy"), asked.get("as")
    if not isinstance(policy, (dict, str)):
        raise InputError(
            "The line has no policy",
            '"policy" must be a policy document, or its text.',
            'Write {"id": …, "policy": {"Version": …}, "as": "managed"}.',
        )
    if kind is not None and not isinstance(kind, str):
        raise InputError("The kind of the policy is not a text", '"as" names it.', 'Write "as": "managed".')
    found = Linted("", lint_document(policy, kind))
    return {"ok": found.ok, "findings": [each.as_json() for each in found.findings]}
