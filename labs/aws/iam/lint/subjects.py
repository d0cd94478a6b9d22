"""What a check looks at: one statement, with the places of its parts in the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from labs.aws.iam.documents import Statement
from labs.aws.iam.elements import ActionElement, ConditionElement, ResourceElement
from labs.aws.iam.json_text import Json
from labs.aws.iam.lint.findings import Finding
from labs.aws.reference import Action, service

__all__ = ["Check", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A statement under examination.

    `path` is its place; `kind` what the policy is for, a name of `LIMITS` or None; `named` the actions that
    it names and that AWS has, each with its place.
    """

    statement: Statement
    written: Mapping[str, Json]
    path: str
    kind: str | None
    variables: bool
    named: tuple[tuple[str, Action], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", tuple(_named(self)))

    @property
    def allows(self) -> bool:
        """Whether the statement allows."""
        return self.statement.effect == "Allow"

    def places(self, element: ActionElement | ResourceElement) -> Iterator[tuple[str, str]]:
        """Each text of the element with its path."""
        for place, text in enumerate(element.texts):
            yield self.at(element.label, place), text

    def at(self, label: str, place: int = 0) -> str:
        """The path of an element's value."""
        path = f"{self.path}.{label}"
        return f"{path}[{place}]" if isinstance(self.written.get(label), list) else path

    def at_condition(self, condition: ConditionElement) -> str:
        """The path of a condition."""
        return f"{self.path}.Condition.{condition.written}.{condition.key_written}"

    def finding(self, code: str, path: str, sentence: str, repair: str) -> Finding:
        """A finding about this statement."""
        return Finding(code, path, sentence, repair, self.statement.index)


Check: TypeAlias = Callable[[Subject], Iterator[Finding]]


def _named(subject: Subject) -> Iterator[tuple[str, Action]]:
    """The actions that the statement names without a wildcard."""
    for path, text in subject.places(subject.statement.action):
        prefix, _, name = text.lower().partition(":")
        known = service(prefix)
        action = known.actions.get(name) if known else None
        if action is not None:
            yield path, action
