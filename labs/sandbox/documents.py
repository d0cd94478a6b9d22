"""Policy documents out of moto's state: parsed once, and kept by their text.

A document that IAM's grammar refuses (moto takes some that AWS would not) counts as a policy without
statements: it allows nothing and denies nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from labs.aws.iam import Policy, parse_policy
from labs.errors import PolicyError

__all__ = ["NO_STATEMENTS", "joined", "parsed"]

# The grammar knows no empty policy; this statement is about no action at all.
NO_STATEMENTS = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "*", "Resource": "*"}]}'
)


def parsed(document: str | Mapping[str, Any], name: str) -> Policy:
    """The policy that a document, as text or as JSON's value, stands for."""
    return _parsed(document if isinstance(document, str) else json.dumps(document), name)


@lru_cache(maxsize=2048)
def _parsed(text: str, name: str) -> Policy:
    try:
        return parse_policy(text, name=name)
    except PolicyError as fault:
        return parse_policy(NO_STATEMENTS, name=f"{name} (not valid: {fault.title})")


def joined(policies: Sequence[Policy], name: str) -> Policy:
    """One policy that says what several say together."""
    if len(policies) == 1:
        return policies[0]
    return _joined(tuple(json.dumps(policy.document) for policy in policies), name)


@lru_cache(maxsize=256)
def _joined(texts: tuple[str, ...], name: str) -> Policy:
    statements: list[Any] = []
    for text in texts:
        document = json.loads(text)
        written = document["Statement"]
        for statement in written if isinstance(written, list) else [written]:
            # A Sid counts within its own document only.
            plain = {key: value for key, value in statement.items() if key != "Sid"}
            statements.append(plain if document.get("Version") == "2012-10-17" else _without_variables(plain))
    return parse_policy({"Version": "2012-10-17", "Statement": statements}, name=name)


def _without_variables(value: Any) -> Any:
    """What an older document says, in the words of the newer language, where `${…}` means something."""
    match value:
        case str():
            return value.replace("${", "${$}{")
        case list():
            return [_without_variables(each) for each in value]
        case dict():
            return {key: _without_variables(each) for key, each in value.items()}
    return value
