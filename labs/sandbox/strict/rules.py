"""What a rule is: where AWS is stricter than moto, how the sandbox makes up for it, and AWS's page for it.

    Rule.check    refuses: looks at a call, and says with which code and words AWS refuses it, or None
    Rule.amend    repairs: says which parameters AWS would have taken in place of those that were sent
    Rule.around   repairs: is given the call, and makes or changes its answer
    none of them  repairs moto's state, where moto makes it (`on` tells the patch whether to), or is met by
                  another part of the sandbox

All rules hold, unless a test switches one off to see what moto does by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from labs.sandbox.carrier import Answer
from labs.sandbox.clean import CleanRequest
from labs.sandbox.faults import Fault
from labs.sandbox.served.ask import Ask, Declined
from labs.sandbox.values import Explanation, Json

__all__ = [
    "Amend",
    "Amendment",
    "Around",
    "Asked",
    "Check",
    "Refusal",
    "Refused",
    "Rule",
    "Source",
    "clause",
    "listening",
    "without",
]

Effect: TypeAlias = Literal["refuses", "repairs", "drops", "met elsewhere"]

_off: ContextVar[frozenset[str]] = ContextVar("off", default=frozenset())
_told: ContextVar[list[Explanation] | None] = ContextVar("told", default=None)


@dataclass(frozen=True, slots=True)
class Asked(Ask):
    """A call, and the request that it was read from."""

    request: CleanRequest

    @property
    def form(self) -> str:
        """The parameters of a call of the query protocol, as they were sent."""
        return self.request.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Source:
    """A page of AWS's documentation: its guide and title, and its address."""

    page: str
    url: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's answer to a call: code and words, and why, as a clause that goes on from "because"."""

    code: str
    message: str
    because: str
    hint: str = ""
    status: int = 400
    details: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What AWS takes in place of what was sent: form fields, and what happened, in a sentence.

    There is no sentence where nothing that was written became something else.
    """

    fields: Mapping[str, str]
    text: str = ""


Check: TypeAlias = Callable[[Asked], Refusal | None]
Amend: TypeAlias = Callable[[Asked], Amendment | None]
Around: TypeAlias = Callable[[Asked, Callable[[], Answer]], Answer]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `says` is what AWS does, and `moto` what moto does instead, each a sentence. `operations` are those that
    the rule looks at, as in "ec2:CreateVpc", or "ec2:*" for all of a service. `code` is the error code of
    a refusal. `sourced` tells whether AWS documents the rule; one that is only known from AWS's answers
    holds all the same, but explains nothing. `where` is the module that meets a rule outside of here.
    """

    id: str
    effect: Effect
    says: str
    moto: str
    source: Source
    operations: tuple[str, ...] = ()
    code: str = ""
    check: Check | None = None
    amend: Amend | None = None
    around: Around | None = None
    sourced: bool = True
    where: str = ""

    @property
    def on(self) -> bool:
        """Whether the rule holds."""
        return self.id not in _off.get()

    def explain(self, effect: str, text: str, hint: str = "") -> Explanation:
        """What an event tells of this rule."""
        return Explanation(self.id, effect, text, hint, self.source.page, self.source.url)

    def tell(self, effect: str, text: str, hint: str = "") -> None:
        """Add something to the event of the call at hand, if there is one."""
        told = _told.get()
        if told is not None and self.sourced:
            told.append(self.explain(effect, text, hint))

    def as_json(self) -> dict[str, Json]:
        """The rule as `skylab sandbox --rules --json` prints it."""
        return {
            "rule": self.id,
            "effect": self.effect,
            "operations": list(self.operations),
            "code": self.code or None,
            "says": self.says,
            "moto": self.moto,
            "source": self.source.page,
            "url": self.source.url,
            "sourced": self.sourced,
            "where": self.where or None,
        }


class Refused(Declined):
    """A call goes no further, because of a rule; `explanation` is for its event."""

    def __init__(self, rule: Rule, refusal: Refusal) -> None:
        super().__init__(refusal.code, refusal.message, refusal.status)
        self.fault = Fault(
            refusal.code, refusal.message, refusal.status, dict(refusal.details), dict(refusal.headers)
        )
        self.explanations: tuple[Explanation, ...] = ()
        if rule.sourced:
            text = f"AWS refuses this because {refusal.because.rstrip('.')}."
            self.explanations = (rule.explain("refused", text, refusal.hint),)


@contextmanager
def without(*ids: str) -> Iterator[None]:
    """Inside, these rules do not hold: for tests, which then see what moto does by itself."""
    token = _off.set(_off.get() | frozenset(ids))
    try:
        yield
    finally:
        _off.reset(token)


@contextmanager
def listening() -> Iterator[list[Explanation]]:
    """Inside, whatever rules tell is collected in this list."""
    told: list[Explanation] = []
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)


def clause(sentence: str) -> str:
    """A sentence as it goes on from "because": without its full stop, and beginning in lower case.

    >>> clause("A volume lies in one zone.")
    'a volume lies in one zone'
    """
    text = sentence.rstrip(".")
    first = text.partition(" ")[0]
    ordinary = first.isalpha() and first[1:] == first[1:].lower() and first not in ("Amazon", "I")
    return text[:1].lower() + text[1:] if ordinary else text
