"""From a policy document to a `Policy`: the whole grammar, and errors that say where and how to repair.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from labs.aws.arn import Arn
from labs.aws.iam.conditions import read_conditions
from labs.aws.iam.documents import Effect, Policy, Statement
from labs.aws.iam.elements import (
    ActionElement,
    PrincipalElement,
    PrincipalEntry,
    ResourceElement,
)
from labs.aws.iam.json_text import Json, fail, kind, load, show
from labs.aws.iam.patterns import Matcher, glob, resource_matcher, tokenize
from labs.aws.iam.reading import compiled, known, text_at, texts_at
from labs.errors import ArnError

__all__ = ["PolicyType", "parse_policy"]

PolicyType: TypeAlias = Literal["identity", "session", "resource", "trust"]

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_POLICY_KEYS: Final = ("Version", "Id", "Statement")
_STATEMENT_KEYS: Final = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
    "Resource", "NotResource", "Condition",
)  # fmt: skip
_PRINCIPAL_TYPES: Final = ("AWS", "Service", "Federated", "CanonicalUser")


def parse_policy(
    source: str | Mapping[str, Json], name: str = "policy", *, type: PolicyType | None = None
) -> Policy:
    """Read a policy document, as JSON text or as the value that JSON gives.

    With a `type` the elements that this type of policy forbids or demands are checked too: an identity-based
    policy and a session policy have no Principal, a resource-based one has, and a trust policy has no
    Resource. An ARN that ends early is completed in an identity-based policy, and refused in the others.

    What keeps the grammar is read, also where IAM saves it not because it means nothing: a group as
    principal, a Region in a bucket's ARN, an action beside the role in a trust policy. `lint` tells of those.

    Raises:
        PolicyError: AWS would refuse the document; `path` says where, as in `Statement[0].Action[2]`.
    """
    document = load(source) if isinstance(source, str) else source
    if not isinstance(document, Mapping):
        fail(
            "",
            "A policy is a JSON object",
            f"This is {kind(document)}.",
            'It starts with { and holds "Statement".',
        )
    known(document, _POLICY_KEYS, "")
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        fail(
            "Version",
            "The Version is not one of AWS's",
            f"It is {show(version)}. Version is the version of the policy language, not a date of yours.",
            'Write "Version": "2012-10-17".',
        )
    if "Id" in document:
        text_at(document["Id"], "Id")
    if "Statement" not in document:
        fail("", "The policy has no Statement", "Without one it says nothing.", 'Add "Statement": [ … ].')
    written = document["Statement"]
    several = isinstance(written, list)
    sids: dict[str, str] = {}
    statements: list[Statement] = []
    for place, each in enumerate(written if isinstance(written, list) else [written]):
        path = f"Statement[{place}]" if several else "Statement"
        statement = _statement(each, place + 1, path, version == "2012-10-17", type)
        if statement.sid and (first := sids.setdefault(statement.sid, path)) != path:
            fail(
                f"{path}.Sid",
                "Two statements have the same Sid",
                f"{show(statement.sid)} is also the Sid of {first}.",
                "Within a policy each Sid is used once.",
            )
        statements.append(statement)
    return Policy(name, str(version), tuple(statements), document)


# Statements


def _statement(written: Json, index: int, path: str, variables: bool, type: PolicyType | None) -> Statement:
    if not isinstance(written, Mapping):
        fail(path, "A statement is a JSON object", f"This is {kind(written)}.", 'Write { "Effect": …, … }.')
    known(written, _STATEMENT_KEYS, path)
    sid = _sid(written, path, type)
    effect = _effect(written, path)
    principal = _principal(written, path, effect, type)
    action = _action(written, path)
    resource = _resource(written, path, variables, type, optional=principal is not None or type == "trust")
    if type == "trust" and resource is not None:
        fail(
            f"{path}.{resource.label}",
            "A trust policy has no Resource",
            "The role that it is attached to is the resource.",
            f"Remove {resource.label}.",
        )
    conditions = read_conditions(written.get("Condition", {}), f"{path}.Condition", variables)
    return Statement(index, sid, effect, principal, action, resource, conditions)


def _sid(written: Mapping[str, Json], path: str, type: PolicyType | None) -> str | None:
    if "Sid" not in written:
        return None
    sid = text_at(written["Sid"], f"{path}.Sid")
    if type in ("identity", "session") and not re.fullmatch(r"[A-Za-z0-9]*", sid):
        fail(
            f"{path}.Sid",
            "The Sid has a character that IAM refuses",
            f"It is {show(sid)}.",
            "In IAM a Sid holds letters A-Z and a-z and digits only.",
        )
    return sid or None


def _effect(written: Mapping[str, Json], path: str) -> Effect:
    if "Effect" not in written:
        fail(
            path,
            "The statement has no Effect",
            "It must say whether it allows.",
            'Add "Effect": "Allow" or "Deny".',
        )
    effect = written["Effect"]
    if effect != "Allow" and effect != "Deny":
        fail(
            f"{path}.Effect",
            "The Effect is not Allow or Deny",
            f"It is {show(effect)}.",
            "Letter case counts here.",
        )
    return "Allow" if effect == "Allow" else "Deny"


def _one_of(written: Mapping[str, Json], name: str, path: str) -> str | None:
    """The name of the element, or of its Not form; None when the statement has neither."""
    opposite = f"Not{name}"
    if opposite not in written:
        return name if name in written else None
    if name in written:
        fail(
            path,
            f"The statement has {name} and {opposite}",
            "They say opposite things, and AWS takes only one.",
            "Split it into two statements, or remove one.",
        )
    return opposite


def _action(written: Mapping[str, Json], path: str) -> ActionElement:
    name = _one_of(written, "Action", path)
    if name is None:
        fail(path, "The statement has no Action", "It names nothing to do.", 'Add "Action": "service:Name".')
    texts = texts_at(written[name], f"{path}.{name}")
    matchers = compiled(texts, _action_matcher, written[name], f"{path}.{name}")
    return ActionElement(texts, matchers, name == "NotAction")


@lru_cache(maxsize=4096)
def _action_matcher(text: str) -> Matcher:
    service, colon, action = text.partition(":")
    if text != "*" and not (service and colon and action):
        fail(
            "",
            "An action is a service, a colon and a name",
            f"This is {show(text)}.",
            'Write it as in "s3:GetObject", or "*" for every action.',
        )
    if service != "*" and not re.fullmatch(r"[A-Za-z0-9-]+", service):
        fail(
            "",
            "The service in an action takes no wildcard or sign",
            f"It is {show(service)} in {show(text)}.",
            'Name one service before the colon, as in "s3:Get*".',
        )
    return glob(tokenize("*" if text == "*:*" else text.lower(), variables=False))


def _resource(
    written: Mapping[str, Json], path: str, variables: bool, type: PolicyType | None, *, optional: bool
) -> ResourceElement | None:
    name = _one_of(written, "Resource", path)
    if name is None:
        if optional:
            return None
        fail(
            path,
            "The statement has no Resource",
            "It names nothing to act on.",
            'Add "Resource": "arn:…" or "*".',
        )
    texts = texts_at(written[name], f"{path}.{name}")
    compile_ = _resource_with_variables if variables else _resource_without
    matchers = compiled(texts, compile_, written[name], f"{path}.{name}")
    if any(text.count(":") < 5 and text.startswith("arn:") for text in texts):
        texts = tuple(_complete(text, f"{path}.{name}", type) for text in texts)
        matchers = tuple(map(compile_, texts))
    return ResourceElement(texts, matchers, name == "NotResource", variables)


def _complete(text: str, path: str, type: PolicyType | None) -> str:
    """An ARN with `*` in the parts that it leaves out at its end, which is how AWS reads it.

    Where a `*` ends a part, nothing need be missing: it runs on beyond the colon.
    """
    missing = 5 - text.count(":")
    if missing <= 0 or not text.startswith("arn:") or "*:" in text or text.endswith("*"):
        return text
    if type == "resource" or type == "session":
        fail(
            path,
            "The ARN ends early",
            f"It is {show(text)}, and an ARN has six parts with colons between them.",
            "Only in an identity-based policy does AWS fill in what is missing.",
        )
    return text + ":*" * missing


def _resource_matcher(text: str, variables: bool) -> Matcher:
    if not text.startswith("arn:") and (not text or text.strip("*")):
        fail(
            "",
            "A resource is an ARN or *",
            f"This is {show(text)}.",
            'Write an ARN, as in "arn:aws:s3:::bucket/*" for the objects in a bucket.',
        )
    parts = text.split(":", 5)
    if len(parts) > 3 and re.search(r"[*?]", parts[2]):
        fail(
            "",
            "The service in an ARN takes no wildcard",
            f"It is {show(parts[2])} in {show(text)}.",
            'Name the service, or write "*" for every resource.',
        )
    return resource_matcher(text, variables=variables)


@lru_cache(maxsize=4096)
def _resource_with_variables(text: str) -> Matcher:
    return _resource_matcher(text, True)


@lru_cache(maxsize=4096)
def _resource_without(text: str) -> Matcher:
    return _resource_matcher(text, False)


# Principals


def _principal(
    written: Mapping[str, Json], path: str, effect: Effect, type: PolicyType | None
) -> PrincipalElement | None:
    name = _one_of(written, "Principal", path)
    if name is None:
        if type in ("resource", "trust"):
            fail(
                path,
                "The statement has no Principal",
                "A policy on a resource must say whom it is about.",
                'Add "Principal": {"AWS": "arn:aws:iam::ACCOUNT:user/NAME"}, {"Service": …} or "*".',
            )
        return None
    where = f"{path}.{name}"
    if type == "identity" or type == "session":
        fail(
            where,
            f"{'An identity-based' if type == 'identity' else 'A session'} policy has no Principal",
            "It is about whoever it is attached to.",
            f"Remove {name}, or attach the policy to a resource.",
        )
    value = written[name]
    if isinstance(value, str):
        if value != "*":
            fail(
                where,
                "A Principal that is a text can only be *",
                f"This is {show(value)}.",
                f'Write "{name}": {{"AWS": {show(value)}}}.',
            )
        entries: tuple[PrincipalEntry, ...] = (PrincipalEntry("AWS", "*"),)
    elif isinstance(value, Mapping):
        if not value:
            fail(where, "The Principal names nobody", "It is {}.", 'Write {"AWS": …}, {"Service": …} or "*".')
        known(value, _PRINCIPAL_TYPES, where)
        entries = tuple(
            entry for kind, texts in value.items() for entry in _entries(kind, texts, f"{where}.{kind}")
        )
    else:
        fail(
            where,
            'A Principal is "*" or a JSON object',
            f"This is {kind(value)}.",
            'Write {"AWS": "arn:…"}.',
        )
    return PrincipalElement(entries, name.startswith("Not"), effect == "Deny")


def _entries(kind: str, written: Json, path: str) -> Iterator[PrincipalEntry]:
    for place, text in enumerate(texts_at(written, path)):
        if kind == "AWS" and (hint := _principal_fault(text)):
            fail(
                f"{path}[{place}]" if isinstance(written, list) else path,
                "This is no principal of AWS",
                f"It is {show(text)}.",
                hint,
            )
        yield PrincipalEntry(kind, text)


def _principal_fault(text: str) -> str | None:
    """How to repair the value of {"AWS": …}; None where nothing is wrong with its form."""
    if text == "*" or _ACCOUNT_OR_ID.fullmatch(text):
        return None
    if text.isdigit():
        return f"An account id has twelve digits; this has {len(text)}."
    if not text.startswith("arn:"):
        return 'Write the whole ARN, an account id of twelve digits, or "*".'
    try:
        Arn.parse(text)
    except ArnError as fault:
        return fault.hint
    return None


# AWS writes the id of a user or role in the place of its ARN once the user or role is gone.
_ACCOUNT_OR_ID: Final = re.compile(r"[0-9]{12}|A[A-Z0-9]{15,127}", re.ASCII)
