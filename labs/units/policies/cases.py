"""What the exercises of unit 4 share: documents, questions that `skylab explain` reads, fields on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

from labs.course import Field, Slip

__all__ = [
    "ACCOUNT",
    "DECISIONS",
    "USERS",
    "Case",
    "Document",
    "allow",
    "bucket_name",
    "case",
    "decided",
    "deny",
    "document",
    "question",
    "user_arn",
]

ACCOUNT: Final = "123456789012"
USERS: Final = ("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar")
DECISIONS: Final = ("allowed", "denied")

Document: TypeAlias = dict[str, Any]
Case: TypeAlias = dict[str, Any]


def document(*statements: Mapping[str, Any]) -> Document:
    """A policy of today's language with these statements."""
    return {"Version": "2012-10-17", "Statement": [dict(each) for each in statements]}


def allow(action: str | list[str], resource: str | list[str], **elements: Any) -> dict[str, Any]:
    """A statement that allows; `elements` are further ones, such as `Condition`."""
    return _statement("Allow", action, resource, elements)


def deny(action: str | list[str], resource: str | list[str], **elements: Any) -> dict[str, Any]:
    """A statement that denies; `elements` are further ones, such as `Condition`."""
    return _statement("Deny", action, resource, elements)


def _statement(
    effect: str, action: str | list[str], resource: str | list[str], elements: Mapping[str, Any]
) -> dict[str, Any]:
    """The elements in the order in which AWS's documentation writes them."""
    who = {name: value for name, value in elements.items() if name.endswith("Principal")}
    return {"Effect": effect, **who, "Action": action, "Resource": resource, **elements, **who}


def bucket_name(word: str, number: int) -> str:
    """A bucket's name from a word and a number below 65,536."""
    return f"{word}-{number:04x}"


def user_arn(name: str, account: str = ACCOUNT) -> str:
    """The ARN of an IAM user without a path."""
    return f"arn:aws:iam::{account}:user/{name}"


def case(principal: str, action: str, resource: str, **beside: Any) -> Case:
    """A question as `skylab explain --jsonl` reads it.

    `beside` holds the policies, named as in a case (`identityPolicies`, `boundary`, …), and `context`. The
    resource is the account's own unless `owner` says whose it is.
    """
    request: dict[str, Any] = {"principal": principal, "action": action, "resource": resource}
    request["resourceAccount"] = beside.pop("owner", ACCOUNT)
    if "context" in beside:
        request["context"] = beside.pop("context")
    return {"request": request, **beside}


def question(asked: Case) -> tuple[tuple[str, ...], str]:
    """The command that answers a question, and what it reads."""
    return ("explain", "--case", "-"), json.dumps(asked)


def decided(name: str, label: str, asked: Case, *slips: Slip, points: int = 1) -> Field:
    """A field whose answer is what IAM decides: allowed or denied.

    Slips of the form `Slip("", …)` are given for the other of the two answers.
    """
    from labs.aws.iam import case_from_json, evaluate

    decision = evaluate(*case_from_json(asked))
    answer, other = DECISIONS if decision.allowed else DECISIONS[::-1]
    known = tuple(replace(slip, given=slip.given or other) for slip in slips)
    return Field(name, label, answer, "choice", DECISIONS, points, decision.reason, known, asked)
