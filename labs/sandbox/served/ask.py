"""What a handler is given, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from labs.sandbox.carrier import Answer
from labs.sandbox.faults import Fault
from labs.sandbox.principals import Caller
from labs.sandbox.state import WorldState
from labs.sandbox.values import Explanation
from labs.sandbox.wire import Call

__all__ = [
    "Ask",
    "Declined",
    "Guard",
    "Handler",
    "Key",
    "Later",
    "invalid_input",
    "no_such_entity",
    "out_of_range",
]


@dataclass(frozen=True, slots=True)
class Ask:
    """A call with everything that an answer to it may follow from.

    `account` is the one that the call acts in. `forward` lets moto answer, once.
    """

    call: Call
    caller: Caller
    account: str
    now: datetime
    state: WorldState
    forward: Callable[[], Answer]

    @property
    def params(self) -> Mapping[str, Any]:
        return self.call.params

    def text(self, name: str) -> str:
        """A parameter as text; empty when it is absent."""
        value = self.params.get(name)
        return "" if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A parameter that is a list of texts; empty when it is absent."""
        return tuple(map(str, self.params.get(name) or ()))


class Declined(Exception):
    """The call is refused for a reason of the service's own; `fault` is what to answer."""

    def __init__(
        self, code: str, message: str, status: int = 400, details: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code, message)
        self.fault = Fault(code, message, status, dict(details or {}))


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that takes its time, and for which the world does not stand still.

    `finish` is given the request's id, once the world's lock is free; besides the answer it gives what the
    event is to tell. It may raise `Declined`.
    """

    finish: Callable[[str], tuple[Answer, tuple[Explanation, ...]]]


Key: TypeAlias = tuple[str, str]
Handler: TypeAlias = Callable[[Ask], Mapping[str, Any] | Answer | Later]
Guard: TypeAlias = Callable[[Ask], None]


def out_of_range(value: object, member: str, constraint: str) -> Declined:
    """The answer of the query protocol's services to a value that their model does not allow."""
    where = f"Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
    return Declined("ValidationError", f"1 validation error detected: {where}")


def no_such_entity(kind: str, name: str) -> Declined:
    """IAM's answer when there is no user, group or role of that name."""
    return Declined("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)


def invalid_input(message: str) -> Declined:
    """IAM's answer to a value that its model allows and the operation does not."""
    return Declined("InvalidInput", message)
