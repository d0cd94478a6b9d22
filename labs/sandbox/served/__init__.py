"""The operations that the sandbox answers itself, because moto lacks them or answers with a constant.

    Declined  ←  admit  →  IAM  →  answer  →  botocore's output shape, in the protocol of the request

Each module here has a table `HANDLERS` from (service, operation) to a function that takes an `Ask` and gives
back the members of the operation's output as botocore names them; what it may not do it refuses by raising
`Declined`. A handler may also let moto answer (`ask.forward()`) and add what moto leaves out. `GUARDS` holds
what AWS checks before it asks IAM. A service that moto does not have at all needs a table here, and a line in
services.py where botocore calls it by another name than it signs for. Modules that work out bills are loaded
with the first call that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from labs.sandbox.answers import render
from labs.sandbox.carrier import Answer
from labs.sandbox.served import (
    boundaries,
    cloudtrail,
    context_keys,
    elbv2,
    functions,
    identity,
    messages,
    organizations,
    rds,
    sessions,
    simulation,
)
from labs.sandbox.served.ask import Ask, Declined, Guard, Handler, Key, Later
from labs.sandbox.served.functions import leaves_all_as_it_was

__all__ = ["Ask", "Declined", "Later", "admit", "answer", "leaves_all_as_it_was", "load_all", "serves"]

_MODULES = (
    boundaries,
    cloudtrail,
    context_keys,
    elbv2,
    functions,
    identity,
    messages,
    organizations,
    rds,
    sessions,
    simulation,
)
_HANDLERS: Mapping[Key, Handler] = {key: each for module in _MODULES for key, each in module.HANDLERS.items()}
LOADED_LATER = ("budgets", "ce")
"""Services of which most worlds are never asked, each with a module of its name."""
_GUARDS: Mapping[Key, Guard] = {**organizations.GUARDS, **rds.GUARDS, **sessions.GUARDS}


def serves(service: str, operation: str) -> bool:
    """Whether the sandbox answers an operation itself."""
    return _handler(service, operation) is not None


def load_all() -> None:
    """Load what would be loaded with the first call that needs it."""
    for service in LOADED_LATER:
        _handlers_of(service)


def _handler(service: str, operation: str) -> Handler | None:
    handlers = _handlers_of(service) if service in LOADED_LATER else _HANDLERS
    return handlers.get((service, operation))


@cache
def _handlers_of(service: str) -> Mapping[Key, Handler]:
    handlers: Mapping[Key, Handler] = import_module(f"{__name__}.{service}").HANDLERS
    return handlers


def admit(ask: Ask) -> None:
    """What AWS checks before it asks IAM.

    Raises:
        Declined: the call goes no further.
    """
    sessions.check_scope(ask)
    guard = _GUARDS.get((ask.call.service, ask.call.operation))
    if guard is not None:
        guard(ask)


def answer(ask: Ask, request_id: str) -> Answer | Later:
    """The answer to a call that IAM allows: the sandbox's own where it has one, else moto's.

    Raises:
        Declined: the call makes no sense, or not now.
    """
    handler = _handler(ask.call.service, ask.call.operation)
    if handler is None:
        return ask.forward()
    output = handler(ask)
    return output if isinstance(output, Answer | Later) else render(ask.call, output, request_id)
