"""Who calls: sts:GetCallerIdentity. moto knows no root user, and calls it `user/moto`."""

from __future__ import annotations

from collections.abc import Mapping

from labs.sandbox import principals
from labs.sandbox.served.ask import Ask, Handler, Key

__all__ = ["HANDLERS"]


def _caller_identity(ask: Ask) -> Mapping[str, str]:
    principal = ask.caller.principal
    unique = principals.unique_id(principal, principals.entity_of(principal))
    return {"Arn": principal.arn, "UserId": unique or "", "Account": principal.account or ""}


HANDLERS: Mapping[Key, Handler] = {("sts", "GetCallerIdentity"): _caller_identity}
