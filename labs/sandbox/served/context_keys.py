"""iam:GetContextKeysForCustomPolicy and …ForPrincipalPolicy: which condition keys policies look at.

Source: IAM API Reference, the pages of these operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from labs.aws.iam import Policy, Statement
from labs.sandbox.served.ask import Ask, Handler, Key
from labs.sandbox.served.simulated import attached_to, documents, entity_at

__all__ = ["HANDLERS", "keys_in", "variables_in"]

_VARIABLE = re.compile(r"\$\{\s*([^${}'*?,\s]+)\s*(?:,\s*'[^']*')?\s*\}")


def variables_in(texts: Iterable[str]) -> Iterator[str]:
    """The keys that policy variables in these texts name: `aws:username` in `home/${aws:username}/*`."""
    for text in texts:
        yield from _VARIABLE.findall(text)


def keys_in(statement: Statement) -> Iterator[str]:
    """The condition keys that a statement looks at, as it writes them, in the order in which they stand."""
    if statement.resource is not None and statement.resource.variables:
        yield from variables_in(statement.resource.texts)
    for condition in statement.conditions:
        yield condition.key_written
        if condition.variables:
            yield from variables_in(condition.texts)


def _names(policies: Iterable[Policy]) -> dict[str, list[str]]:
    names: dict[str, str] = {}
    for policy in policies:
        for statement in policy.statements:
            for key in keys_in(statement):
                names.setdefault(key.lower(), key)
    return {"ContextKeyNames": list(names.values())}


def _for_custom_policy(ask: Ask) -> Mapping[str, list[str]]:
    return _names(each.policy for each in documents(ask.texts("PolicyInputList"), "PolicyInputList"))


def _for_principal_policy(ask: Ask) -> Mapping[str, list[str]]:
    held = attached_to(entity_at(ask.text("PolicySourceArn")))
    given = documents(ask.texts("PolicyInputList"), "PolicyInputList")
    return _names(each.policy for each in (*held, *given))


HANDLERS: Mapping[Key, Handler] = {
    ("iam", "GetContextKeysForCustomPolicy"): _for_custom_policy,
    ("iam", "GetContextKeysForPrincipalPolicy"): _for_principal_policy,
}
