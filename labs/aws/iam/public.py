"""Whether a policy on a resource makes it public, as S3's Block Public Access sees it.

A statement that allows is taken as public unless it names its principals, or holds a condition that bounds
who or where the caller is to fixed values. Source: Amazon S3 User Guide, "Blocking public access to your
Amazon S3 storage", section "The meaning of 'public'".
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Final

from labs.aws.iam.documents import Policy, Statement
from labs.aws.iam.elements import ConditionElement

__all__ = ["public_statements"]

_BOUNDING: Final = frozenset(
    {
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
_WIDEST: Final = {4: 8, 6: 32}
"""The shortest prefix of a block of addresses that still bounds anything."""


def public_statements(policy: Policy) -> tuple[Statement, ...]:
    """The statements of a policy that let in everybody; none when it is not public."""
    return tuple(each for each in policy.allows if _is_public(each))


def _is_public(statement: Statement) -> bool:
    principal = statement.principal
    if principal is None:
        return False
    everybody = principal.negated or any("*" in each.text for each in principal.entries)
    return everybody and not any(_bounds(each) for each in statement.conditions)


def _bounds(condition: ConditionElement) -> bool:
    """Whether a condition holds only for fixed values of a key that tells who or where the caller is."""
    spelling = condition.spelling
    if spelling.if_exists or spelling.operator.negated or spelling.quantifier is not None:
        return False
    if condition.key not in _BOUNDING or spelling.operator.family == "null":
        return False
    if condition.key == "aws:sourceip":
        return all(_narrow(text) for text in condition.texts)
    return all(_fixed(condition.key, text) for text in condition.texts)


def _fixed(key: str, text: str) -> bool:
    if key == "s3:dataaccesspointarn":  # the name of the access point may be anything, the account may not
        text = ":".join(text.split(":")[:5])
    return not any(sign in text for sign in "*?") and "${" not in text


def _narrow(text: str) -> bool:
    """Whether a block of addresses bounds anything: a private one does, and one that is not too wide."""
    try:
        block = ip_network(text, strict=False)
    except ValueError:
        return False
    return block.prefixlen >= _WIDEST[block.version] or block.is_private
