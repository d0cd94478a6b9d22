"""What may be wrong with Action and NotAction."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from labs.aws.iam.lint.findings import Finding
from labs.aws.iam.lint.subjects import Subject
from labs.aws.iam.patterns import glob, tokenize
from labs.aws.iam.principals import Principal
from labs.aws.iam.requests import Request
from labs.aws.reference import Action, Service, service, services

__all__ = ["NOBODY", "actions_of", "check_actions", "nearest_action"]

_GUESSES: Final = 20
"""How many misspelt actions of a statement get a guess: looking for what was meant takes a while."""

NOBODY: Final = Request(Principal.anonymous(), "x:x", "*")
"""A request for matchers that do not look at it."""

# Operations of the API whose permission has another name.
_OPERATIONS: Final = {
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:copyobject": "s3:PutObject",
    "s3:uploadpart": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:getbucketencryption": "s3:GetEncryptionConfiguration",
    "s3:putbucketencryption": "s3:PutEncryptionConfiguration",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:listmultipartuploads": "s3:ListBucketMultipartUploads",
    "s3:listparts": "s3:ListMultipartUploadParts",
    "s3:getbucketlifecycleconfiguration": "s3:GetLifecycleConfiguration",
    "s3:putbucketlifecycleconfiguration": "s3:PutLifecycleConfiguration",
    "s3:getbucketreplication": "s3:GetReplicationConfiguration",
    "s3:putbucketreplication": "s3:PutReplicationConfiguration",
    "lambda:invoke": "lambda:InvokeFunction",
    "sqs:sendmessagebatch": "sqs:SendMessage",
    "sqs:deletemessagebatch": "sqs:DeleteMessage",
    "sqs:changemessagevisibilitybatch": "sqs:ChangeMessageVisibility",
    "sns:publishbatch": "sns:Publish",
    "dynamodb:transactgetitems": "dynamodb:GetItem",
    "dynamodb:transactwriteitems": "dynamodb:PutItem",
}


def check_actions(subject: Subject) -> Iterator[Finding]:
    """Actions that AWS does not have, and an Allow that names what it does not allow."""
    action = subject.statement.action
    misses = 0
    for path, text in subject.places(action):
        for finding in _unknown(subject, path, text, guess=misses < _GUESSES):
            misses += 1
            yield finding
    if action.negated and subject.allows:
        yield subject.finding(
            "not-action-allow",
            f"{subject.path}.NotAction",
            "Allow with NotAction allows every action of every service that it does not list, those of "
            "tomorrow included.",
            "List what is allowed under Action, or turn the statement into a Deny.",
        )


def _unknown(subject: Subject, path: str, text: str, *, guess: bool) -> Iterator[Finding]:
    prefix, colon, name = text.partition(":")
    if not colon or prefix == "*":
        return
    known = service(prefix.lower())
    if known is None:
        near = get_close_matches(prefix.lower()[:40], services(), n=1, cutoff=0.7) if guess else []
        yield subject.finding(
            "unknown-service",
            path,
            f"AWS has no service with the prefix {prefix}, so {_clip(text)} is about nothing.",
            f"Did you mean {near[0]}:{_clip(name)}?" if near else "Look the prefix up in the reference.",
        )
        return
    if any(actions_of(known, text)):
        return
    near_action = nearest_action(text) if guess else None
    what = "matches no action" if "*" in name or "?" in name else "is no action"
    yield subject.finding(
        "unknown-action",
        path,
        f"{_clip(text)} {what} of AWS.",
        f"Did you mean {near_action}?" if near_action else f"Look at the actions of {prefix.lower()}.",
    )


def actions_of(known: Service, text: str) -> Iterator[Action]:
    """The actions of the service that a text of an Action element matches."""
    name = text.lower().partition(":")[2]
    if "*" not in name and "?" not in name:
        if (found := known.actions.get(name)) is not None:
            yield found
        return
    matches = glob(tokenize(name, variables=False))
    yield from (action for key, action in known.actions.items() if matches(key, NOBODY))


def nearest_action(text: str) -> str | None:
    """The action that was probably meant; None when nothing is near."""
    folded = text.lower()[:120]
    if folded in _OPERATIONS:
        return _OPERATIONS[folded]
    prefix, _, name = folded.partition(":")
    known = service(prefix)
    if known is None:
        return None
    stem = name.replace("*", "").replace("?", "")
    near = get_close_matches(stem, known.actions, n=1, cutoff=0.6)
    return known.actions[near[0]].name if near else None


def _clip(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
