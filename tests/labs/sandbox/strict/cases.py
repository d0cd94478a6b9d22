"""What a case of a rule is, and how it is tried: with the rule, and without it.

A case of a refusal prepares a world and gives back the call that AWS refuses. Without the rule moto must
carry it out, or fail in a way that AWS never would: a rule that moto has learned meanwhile fails its case.
A case of a repair looks at the world and says what it sees: what AWS would show with the rule, and what moto
shows without.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from labs.sandbox import strict
from tests.labs.sandbox.houses import House

__all__ = ["Attempt", "Refusal", "Repair", "Table", "client", "try_refusal", "try_repair"]

Attempt = Callable[[], Any]


@dataclass(frozen=True)
class Refusal:
    """`code` and `words` are AWS's; `moto` is what moto does by itself: it accepts, or it crashes."""

    rule: str
    name: str
    prepare: Callable[[House], Attempt]
    code: str
    words: str
    moto: Literal["accepts", "crashes"] = "accepts"


@dataclass(frozen=True)
class Repair:
    rule: str
    name: str
    look: Callable[[House], Any]
    aws: Any
    moto: Any


def client(house: House, service: str, who: str = "admin", **options: Any) -> Any:
    """A client for somebody, made once for each house: botocore takes its time."""
    held: dict[Any, Any] = vars(house).setdefault("clients", {})
    key = service, who, tuple(options.items())
    if key not in held:
        held[key] = house.client(service, who, **options)
    return held[key]


class Table:
    """The cases of one module."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self.repairs: list[Repair] = []

    def refused(
        self, rule: str, code: str, words: str, moto: Literal["accepts", "crashes"] = "accepts"
    ) -> Callable[[Callable[[House], Attempt]], Callable[[House], Attempt]]:
        def add(prepare: Callable[[House], Attempt]) -> Callable[[House], Attempt]:
            self.refusals.append(Refusal(rule, prepare.__name__, prepare, code, words, moto))
            return prepare

        return add

    def repaired(
        self, rule: str, *, aws: Any, moto: Any
    ) -> Callable[[Callable[[House], Any]], Callable[[House], Any]]:
        def add(look: Callable[[House], Any]) -> Callable[[House], Any]:
            self.repairs.append(Repair(rule, look.__name__, look, aws, moto))
            return look

        return add


def try_refusal(house: House, case: Refusal) -> None:
    rule = strict.rule_named(case.rule)
    assert rule is not None
    attempt = case.prepare(house)
    journal = house.state.journal.held().entries
    answer = fault_of(attempt)
    assert answer is not None, "the sandbox accepts it"
    assert (answer["Code"], case.words in answer["Message"]) == (case.code, True), answer
    assert house.state.journal.held().entries == journal
    explained = house.last.explanations[-1:]
    assert [each.rule for each in explained] == ([case.rule] if rule.sourced else [])
    for each in explained:
        assert each.effect == "refused"
        assert each.text.startswith("AWS refuses this because ")
        assert each.url.startswith("https://docs.aws.amazon.com/")
    with strict.without(case.rule):
        answer = fault_of(attempt)
    if case.moto == "accepts":
        assert answer is None, f"moto has learned {case.rule}: {answer}"
    else:
        assert answer is not None
        assert answer["Code"] in ("InternalError", "InternalFailure", "NotImplemented"), answer


def fault_of(attempt: Attempt) -> dict[str, str] | None:
    try:
        attempt()
    except ClientError as fault:
        error: dict[str, str] = fault.response["Error"]
        return error
    return None


def try_repair(house: House, case: Repair, on: bool) -> None:
    assert strict.rule_named(case.rule) is not None
    with nullcontext() if on else strict.without(case.rule):
        seen = case.look(house)
    assert seen == (case.aws if on else case.moto)
